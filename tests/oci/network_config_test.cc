#include "oci/network_config.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

const CapabilityMask kBoth = GuardedCapabilities(NetworkRule{}, {});

TEST(NetworkConfig, TakesTheTwoCapabilitiesFromEverySet) {
  const auto document = JsonDocument::Parse(
      R"({"capabilities":{"bounding":["CAP_CHOWN","CAP_NET_RAW"],"effective":["net_admin"],
          "ambient":[],"inheritable":["CAP_NET_ADMIN","CAP_KILL"]},"x":1})");
  ASSERT_TRUE(document.ok());
  EXPECT_TRUE(HasNetworkCapabilities(document.value().root(), kBoth));
  EXPECT_EQ(WithoutNetworkCapabilities(document.value(), document.value().root(), kBoth),
            R"({"capabilities":{"bounding":["CAP_CHOWN"],"effective":[],"ambient":[],)"
            R"("inheritable":["CAP_KILL"]},"x":1})");
}

TEST(NetworkConfig, LeavesAloneWhatHasNeither) {
  for (const char* text : {"{}", R"({"capabilities":null})",
                           R"({"capabilities":{"bounding":["CAP_NET_BIND_SERVICE"]}})"}) {
    const auto document = JsonDocument::Parse(text);
    EXPECT_EQ(WithoutNetworkCapabilities(document.value(), document.value().root(), kBoth), "")
        << text;
  }
  EXPECT_TRUE(IsNetworkCapability("CAP_NET_RAW", kBoth));
  EXPECT_TRUE(IsNetworkCapability("12", kBoth));  // crun takes numbers
  EXPECT_FALSE(IsNetworkCapability("NET_BIND_SERVICE", kBoth));
}

TEST(NetworkConfig, WhereAGroupMayHoldItMoreIsTaken) {
  const auto document = JsonDocument::Parse(
      R"({"capabilities":{"bounding":["CAP_BPF","CAP_CHOWN","CAP_SYS_ADMIN","CAP_NET_RAW"]}})");
  const JsonValue process = document.value().root();
  const CapabilityMask guarded = GuardedCapabilities({.host_network = HostNetwork::kCgroup}, {});
  EXPECT_EQ(WithoutNetworkCapabilities(document.value(), process, guarded),
            R"({"capabilities":{"bounding":["CAP_CHOWN"]}})");
  EXPECT_FALSE(IsNetworkCapability("SYS_ADMIN", kBoth));
  EXPECT_EQ(NetworkCapabilityNames(guarded), "NET_ADMIN, NET_RAW, SYS_ADMIN or BPF");
}

TEST(NetworkConfig, WhereCablesAreHeldNetAdminAloneIsGuarded) {
  NetworkRule rule{.capabilities = NetworkCapabilities::kVeth};
  EXPECT_EQ(NetworkCapabilityNames(GuardedCapabilities(rule, {})), "NET_ADMIN");
  EXPECT_EQ(GuardedCapabilities(rule, {.on_host = true}), kBoth);
  rule.host_network = HostNetwork::kCgroup;
  EXPECT_EQ(NetworkCapabilityNames(GuardedCapabilities(rule, {})), "NET_ADMIN, SYS_ADMIN or BPF");
  EXPECT_EQ(GuardedCapabilities({.capabilities = NetworkCapabilities::kKeep}, {.on_host = true}),
            0U);
}

TEST(NetworkConfig, KnowsWhoSharesTheHostsNetwork) {
  const auto shares = [](const char* text) {
    const auto document = JsonDocument::Parse(text);
    return SharesHostNetwork(document.value().root());
  };
  EXPECT_TRUE(shares("{}"));
  EXPECT_TRUE(shares(R"({"linux":{"namespaces":[{"type":"mount"}]}})"));
  EXPECT_FALSE(shares(R"({"linux":{"namespaces":[{"type":"network","path":"/proc/7/ns/net"}]}})"));
}

}  // namespace
}  // namespace runward
