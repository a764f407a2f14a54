#include "registry/challenge.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Challenge, OfATokenService) {
  const auto challenge = ParseChallenge(
      "Bearer realm=\"https://auth.example.com/token\",service=\"registry, "
      "\\\"one\\\"\",scope=x:y:z");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->scheme, "bearer");
  EXPECT_EQ(challenge->Value("realm"), "https://auth.example.com/token");
  EXPECT_EQ(challenge->Value("service"), "registry, \"one\"");
  EXPECT_EQ(challenge->Value("scope"), "x:y:z");
  EXPECT_EQ(challenge->Value("error"), "");
}

TEST(Challenge, NamesAreReadInAnyCase) {
  const auto challenge = ParseChallenge("  BASIC  Realm=\"x\" , Charset=UTF-8 ");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->scheme, "basic");
  EXPECT_EQ(challenge->Value("realm"), "x");
  EXPECT_EQ(challenge->Value("charset"), "UTF-8");
  EXPECT_EQ(ParseChallenge("Negotiate")->scheme, "negotiate");
}

TEST(Challenge, WhatIsNotWellFormedIsNone) {
  for (const char* text : {"", "  ", "Bearer realm", "Bearer =x", "Bearer realm=\"open",
                           "Bearer realm=\"a\\", "Bearer realm=a,realm=b", "Bearer a b c"}) {
    EXPECT_FALSE(ParseChallenge(text)) << text;
  }
}

}  // namespace
}  // namespace runward
