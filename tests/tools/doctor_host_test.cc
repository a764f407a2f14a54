#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/doctor.h"

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Ids(const HostFacts& facts) {
  std::vector<std::string> ids;
  for (const Finding& finding : JudgeHost(facts)) {
    EXPECT_FALSE(finding.what.empty());
    EXPECT_FALSE(finding.remedy.empty());
    ids.push_back(finding.id);
  }
  return ids;
}

TEST(DoctorHostTest, AGoodHostHasNoFindings) { EXPECT_THAT(Ids({.now = {2}}), IsEmpty()); }

TEST(DoctorHostTest, EachLackIsNamed) {
  EXPECT_THAT(Ids({.overlay = false}), ElementsAre("kernel.overlay"));
  EXPECT_THAT(Ids({.cgroup2 = false}), ElementsAre("kernel.cgroup2"));
  EXPECT_THAT(Ids({.seccomp = false}), ElementsAre("kernel.seccomp"));
  EXPECT_THAT(Ids({.openat2 = false}), ElementsAre("kernel.openat2"));
  EXPECT_THAT(Ids({.network_known = false}), ElementsAre("kernel.network"));
  EXPECT_THAT(Ids({.network_features = {"rates", "events of connections"}}),
              ElementsAre("kernel.network", "kernel.network"));
  EXPECT_THAT(Ids({.clock_synchronised = false}), ElementsAre("clock.unsynchronised"));
  EXPECT_THAT(Ids({.now = {1}, .latest_record = {2}}), ElementsAre("clock.behind"));
}

TEST(DoctorHostTest, ThisHostIsReadWithoutGuessing) {
  const HostFacts facts = ReadHost(PathsFor("/nonexistent"));
  EXPECT_GT(facts.now.ns, 0);
  EXPECT_EQ(facts.latest_record.ns, 0);
  EXPECT_TRUE(facts.openat2);
}

}  // namespace
}  // namespace runward
