#include "tools/ecdsa_key.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "policy/trust.h"

namespace runward {
namespace {

// openssl's, made once for this test: P-256 and P-384.
constexpr const char* kP256 =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+nG5Iy7fMbkmmX0H/HqekjL/GF0Pdx/A"
    "Czsf0ufG7sGhRANCAAQZaHNHOGMfzZ8Tp3xE9XhzEpZ6Xh4eUk94hHMmOHFIGwInSQL5VpSEB7Ml4Hu5"
    "MTcwuXV4SKNya3GZVe2uSpJE";
constexpr const char* kP384 =
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAaGl36FMhb4srey5r73YndcljZIQnEXp2v"
    "3vmT/+dk4qKQzp+5rEtruUy84z+mi2ihZANiAASXKL+za/bT0EFow9mxOFcfhzZp7nL6oC9eBTP8sHqI"
    "dQJFjQXPvSzfCPjQD2AMKCNhywy3iMC9wzMMx3twLhfaTtfFwhKzwP57JQxT11hw240I3jwsaMF6Gb02"
    "4SJfqOg=";

TEST(EcdsaKey, SignsOnP256Alone) {
  const auto key = EcdsaKey::Parse(*Base64Decode(kP256));
  ASSERT_TRUE(key.ok()) << key.error().message;
  const PublicKey its{KeyAlgorithm::kEcdsaP256, key.value().public_bytes()};
  EXPECT_EQ(its.bytes.size(), 65U);
  EXPECT_TRUE(VerifySignature(its, "text", key.value().Sign("text")));
  EXPECT_FALSE(VerifySignature(its, "other", key.value().Sign("text")));
  EXPECT_FALSE(EcdsaKey::Parse(*Base64Decode(kP384)).ok());
}

TEST(EcdsaKey, WhatIsNoKeyIsAnError) {
  EXPECT_FALSE(EcdsaKey::Parse("").ok());
  EXPECT_FALSE(EcdsaKey::Parse(std::string(200, '\x30')).ok());
  const std::string der = *Base64Decode(kP256);
  for (size_t size = 0; size < der.size() - 1; ++size) {
    (void)EcdsaKey::Parse(der.substr(0, size))
        .ok();  // no crash; a missing public half is made up for
  }
}

}  // namespace
}  // namespace runward
