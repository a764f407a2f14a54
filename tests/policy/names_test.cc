#include "policy/names.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace runward {
namespace {

const std::string kHex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(ContainerId, IsWhatRuncTakes) {
  for (const std::string& good :
       {std::string("a"), std::string("web-1_x.y+z"), std::string("..."), std::string(".hidden"),
        std::string("-dash"), kHex, std::string(1024, 'a')}) {
    ASSERT_TRUE(ContainerId::Parse(good).has_value()) << good;
    EXPECT_EQ(ContainerId::Parse(good)->text(), good);
  }
}

TEST(ContainerId, NeverLeavesItsDirectory) {
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("/"),
        std::string("../x"), std::string("a b"), std::string("a\n"), std::string("a\0b", 3),
        std::string("\xc3\xa9"), std::string("a:b"), std::string("a@b"), std::string(1025, 'a')}) {
    EXPECT_FALSE(ContainerId::Parse(bad).has_value()) << bad;
  }
}

TEST(Digest, IsSha256InLowerCaseHex) {
  const auto digest = Digest::Parse("sha256:" + kHex);
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(digest->text(), "sha256:" + kHex);
  EXPECT_EQ(digest->hex(), kHex);
  EXPECT_EQ(Digest::FromHex(kHex), digest);
}

TEST(Digest, RefusesTheRest) {
  const std::string upper = "B" + kHex.substr(1);
  for (const std::string& bad :
       {std::string(), kHex, "sha256:" + kHex.substr(1), "sha256:" + kHex + "0", "sha256:" + upper,
        "SHA256:" + kHex, "sha512:" + kHex, "sha256: " + kHex, "sha256:" + kHex.substr(1) + "/"}) {
    EXPECT_FALSE(Digest::Parse(bad).has_value()) << bad;
  }
  EXPECT_FALSE(Digest::FromHex("sha256:" + kHex).has_value());
}

// The chain of two layers is computed with coreutils:
// printf 'sha256:%s sha256:%s' A B | sha256sum
TEST(ChainIdOf, FollowsTheImageSpec) {
  const Digest a = *Digest::FromHex(std::string(64, 'a'));
  const Digest b = *Digest::FromHex(std::string(64, 'b'));
  EXPECT_EQ(ChainIdOf(std::vector<Digest>{}), std::nullopt);
  EXPECT_EQ(ChainIdOf(std::vector{a}), a);
  EXPECT_EQ(ChainIdOf(std::vector{a, b})->hex(),
            "ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c");
  EXPECT_EQ(ChainIdOf(std::vector{a, b, a})->hex(),
            "406364a4bd8d39df8107071d4494fa73814420337124657ec5999b072e5d3352");
  EXPECT_NE(ChainIdOf(std::vector{a, b}), ChainIdOf(std::vector{b, a}));
}

}  // namespace
}  // namespace runward
