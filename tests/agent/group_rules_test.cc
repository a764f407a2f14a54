#include "agent/group_rules.h"

#include "tests/agent/group_fixture.h"

namespace runward {
namespace {

TEST_F(GroupTest, RulesAreFoundAgainOnlyOnceTheyHold) {
  const auto rules = Attach(group_);
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  EXPECT_FALSE(HoldsNothing(pinned_));
  EXPECT_FALSE(GroupRules::Open(pinned_).value()) << "not proved yet";
  ASSERT_TRUE(rules.value().SetState(RW_HOST_RULED).ok());
  const auto again = GroupRules::Open(pinned_);
  ASSERT_TRUE(again.ok()) << again.error().message;
  ASSERT_TRUE(again.value());
  EXPECT_TRUE(again.value()->Denied().empty());
  EXPECT_EQ(unlink((pinned_ + "/ingress").c_str()), 0);
  EXPECT_FALSE(GroupRules::Open(pinned_).value()) << "one direction is not held";
}

TEST_F(GroupTest, AGroupThatIsGoneHoldsNothing) {
  const auto rules = Attach(group_);
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  ASSERT_EQ(rmdir(group_.c_str()), 0);
  // The kernel lets go some time after.
  for (int tries = 0; !HoldsNothing(pinned_) && tries < 100; ++tries) usleep(50'000);
  EXPECT_TRUE(HoldsNothing(pinned_));
  RemoveGroupRules(pinned_);
  EXPECT_TRUE(PinnedVersions(dir_ + "/pins").empty());
}

TEST_F(GroupTest, WhatCannotBeAttachedLeavesNothing) {
  const auto rules = Attach(dir_);  // no control group
  ASSERT_FALSE(rules.ok());
  EXPECT_NE(rules.error().message.find("control group"), std::string::npos);
  EXPECT_NE(rules.error().message.find("(libbpf: "), std::string::npos) << rules.error().message;
  EXPECT_TRUE(PinnedVersions(dir_ + "/pins").empty());
}

}  // namespace
}  // namespace runward
