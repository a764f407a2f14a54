#include "policy/match.h"

#include <gtest/gtest.h>

#include "tests/policy/verdict_fixture.h"

namespace runward {
namespace {

using test::Image;
using test::PolicyWith;

// "profile by element" of what governs.
std::string Governs(const Policy& policy, const ImageEvidence& image,
                    const std::vector<std::string_view>& names = {}) {
  const Governing governing = FindProfile(policy, image, names);
  if (governing.profile == nullptr) return "nothing";
  constexpr const char* kBy[] = {"nothing", "everything", "signed name", "unsigned name",
                                 "chain",   "base chain", "rootfs"};
  std::string text =
      std::string(governing.profile->name) + " by " + kBy[static_cast<size_t>(governing.by)];
  if (!governing.name.empty()) text += " " + std::string(governing.name);
  return text;
}

TEST(FindProfile, TakesTheFirstThatFits) {
  const Policy policy = PolicyWith(R"(
      {"name": "web", "match": {"images": ["r/web", "r/web/*"]}},
      {"name": "r", "match": {"images": ["r/*"]}},
      {"name": "pause", "match": {"chains": ["@1"]}},
      {"name": "builds", "match": {"baseChains": ["@2"]}},
      {"name": "rest", "match": {}})");
  ImageEvidence image = Image();
  EXPECT_EQ(Governs(policy, image, {"r/web"}), "web by signed name r/web");
  EXPECT_EQ(Governs(policy, image, {"x", "r/web/a"}), "web by signed name r/web/a");
  EXPECT_EQ(Governs(policy, image, {"r/db", "r/web"}), "web by signed name r/web");
  EXPECT_EQ(Governs(policy, image, {"r/db"}), "r by signed name r/db");
  EXPECT_EQ(Governs(policy, image, {"x"}), "pause by chain");
  image.chain = test::DigestOf('3');
  image.prefixes = {test::DigestOf('2'), test::DigestOf('3')};
  EXPECT_EQ(Governs(policy, image), "builds by base chain");
  image.prefixes = {test::DigestOf('4'), test::DigestOf('3')};
  EXPECT_EQ(Governs(policy, image), "rest by everything");
}

TEST(FindProfile, GivesAnImageItsChainOrNameBeforeItsBase) {
  const Policy policy =
      PolicyWith(R"({"name": "p", "match": {"images": ["r/*"], "baseChains": ["@2", "@1"]}})");
  EXPECT_EQ(Governs(policy, Image(), {"r/web"}), "p by signed name r/web");
  EXPECT_EQ(Governs(policy, Image()), "p by base chain");
}

TEST(FindProfile, LetsNoUnsignedNameChooseWhereSomethingIsEnforced) {
  const std::string by_name = R"({"name": "named", "match": {"images": ["user/*"]}, "mode": )";
  const std::string rest = R"({"name": "rest", "match": {}, "mode": )";
  const auto governs = [](const std::string& profiles, const std::string& more = "") {
    return Governs(PolicyWith(profiles, more), Image());
  };
  const std::string unmatched = "\"allowUnmatched\": true,";
  // An enforced profile is never chosen by it, and never left by it.
  EXPECT_EQ(governs(by_name + "\"enforce\"}," + rest + "\"audit\"}"), "rest by everything");
  EXPECT_EQ(governs(by_name + "\"audit\"}," + rest + "\"enforce\"}"), "rest by everything");
  // Nor is a refusal for want of a profile.
  EXPECT_EQ(governs(by_name + "\"audit\"}"), "nothing");
  // What would start in any case may be told apart by it.
  EXPECT_EQ(governs(by_name + "\"audit\"}," + rest + "\"audit\"}"),
            "named by unsigned name user/name:1");
  EXPECT_EQ(governs(by_name + "\"audit\"}", unmatched), "named by unsigned name user/name:1");
  EXPECT_EQ(governs(by_name + "\"enforce\"}", unmatched), "nothing");
}

TEST(FindProfile, KnowsABundleByItsPathOnly) {
  const Policy policy = PolicyWith(R"(
      {"name": "bundles", "match": {"rootfs": ["/srv/b", "/var/b/*/rootfs"]}},
      {"name": "web", "match": {"images": ["*"]}, "mode": "audit"},
      {"name": "chains", "match": {"chains": ["@1"], "baseChains": ["@2"]}})");
  ImageEvidence bundle = {.unsigned_name = "user/name:1", .rootfs = "/srv/b"};
  EXPECT_EQ(Governs(policy, bundle), "bundles by rootfs");
  for (const char* path :
       {"/srv/b/", "/srv", "/srv/bc", "", "/var/b/rootfs", "/var/b/x/y/rootfs"}) {
    bundle.rootfs = path;
    EXPECT_EQ(Governs(policy, bundle), "nothing") << path;
  }
  bundle.rootfs = "/var/b/x/rootfs";
  EXPECT_EQ(Governs(policy, bundle), "bundles by rootfs");
  ImageEvidence image = Image();
  image.rootfs = "/srv/b";
  EXPECT_EQ(Governs(policy, image), "chains by chain") << "an image is not a bundle";
}

}  // namespace
}  // namespace runward
