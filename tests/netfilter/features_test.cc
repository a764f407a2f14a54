#include "netfilter/features.h"

#include "netfilter/install.h"
#include "netfilter/plan_parts.h"
#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

class FeaturesTest : public NamespaceTest {};

// No kernel looks so deep into the control groups, as none has what it was built without.
NetworkFeature Impossible() {
  const CgroupScope scope{.id = 1, .level = 300, .path = "a"};
  return {"depths",
          {.table = "t",
           .chains = {
               {.name = "output", .hook = PlanHook{}, .rules = {{MatchCgroup(scope), Drop()}}}}}};
}

TEST_F(FeaturesTest, NamesWhatTheKernelLacksAndInstallsNothing) {
  auto socket = OpenNetfilter();
  ASSERT_TRUE(socket.ok());
  std::vector<NetworkFeature> features = NetworkFeatures();
  EXPECT_EQ(MissingFeatures(socket.value().get(), features), std::vector<std::string>());
  features.insert(features.begin() + 1, Impossible());
  EXPECT_EQ(MissingFeatures(socket.value().get(), features), std::vector<std::string>{"depths"});
  EXPECT_EQ(Run("test -z \"$(nft list ruleset)\""), 0);
}

TEST_F(FeaturesTest, WhatIsNotInstalledForItIsNamedInTheError) {
  auto socket = OpenNetfilter();
  ASSERT_TRUE(socket.ok());
  const std::vector<NetworkFeature> features = {NetworkFeatures().front(), Impossible()};
  const Error named =
      NameMissing(Error{"nftables: rule x", "hint"}, socket.value().get(), features);
  EXPECT_EQ(named.message, "nftables: rule x; the kernel lacks: depths");
  const Error other =
      NameMissing(Error{"nftables: rule x", "hint"}, socket.value().get(), NetworkFeatures());
  EXPECT_EQ(other.message, "nftables: rule x");
  const auto installed = InstallPlanBy(socket.value().get(), Impossible().plan);
  ASSERT_FALSE(installed.ok());
  EXPECT_NE(installed.error().message.find("socket cgroupv2"), std::string::npos);
  EXPECT_EQ(Run("test -z \"$(nft list ruleset)\""), 0);
}

TEST_F(FeaturesTest, AsksInANamespaceOfItsOwn) {
  const auto missing = MissingNetworkFeatures();
  ASSERT_TRUE(missing.ok()) << missing.error().message;
  EXPECT_EQ(missing.value(), std::vector<std::string>());
}

}  // namespace
}  // namespace runward
