#include "netfilter/filter_feature.h"

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

using FilterFeatureTest = NamespaceTest;

TEST_F(FilterFeatureTest, IsWhatTheKernelTakes) {
  if (access("/usr/sbin/tc", X_OK) != 0) GTEST_SKIP() << "needs tc";
  ASSERT_EQ(Run("ip link add d0 type veth peer name d1"), 0);
  const bool takes =
      Run("tc qdisc add dev d0 clsact && tc filter add dev d0 ingress bpf bytecode '1,6 0 0 0,'") ==
      0;
  EXPECT_EQ(TakesFilters(), takes);
  if (takes) {
    EXPECT_EQ(Run("tc filter show dev lo ingress | grep -q bytecode"), 0);
  }
  EXPECT_FALSE(TakesFilters()) << "it is there already";
}

TEST(FilterFeature, ChecksumsAreSeenSinceLinux62) {
  for (const char* release : {"6.2.0", "6.2.0-39-generic", "6.18.44", "7.0-rc1", "10.1"}) {
    EXPECT_TRUE(SeesChecksums(release)) << release;
  }
  for (const char* release : {"6.1.0-18-amd64", "5.15.0", "4.20", "6", "", "x.7"}) {
    EXPECT_FALSE(SeesChecksums(release)) << release;
  }
}

}  // namespace
}  // namespace runward
