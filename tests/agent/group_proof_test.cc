#include "agent/group_proof.h"

#include <fstream>

#include "tests/agent/group_fixture.h"

namespace runward {
namespace {

TEST_F(GroupTest, TheProofHoldsWhereTheProgramsDoAndInGroupsBelow) {
  const auto held = Hold(group_, Wanted());
  ASSERT_TRUE(held.ok()) << held.error().message;
  const RuleMaps& rules = held.value().rules;
  const auto proved = ProveGroup(group_, rules);
  EXPECT_TRUE(proved.ok()) << proved.error().message;
  EXPECT_TRUE(rules.Denied().empty());
  const std::string below = group_ + "/below";
  std::filesystem::create_directory(below);
  EXPECT_TRUE(ProveGroup(below, rules).ok());
  EXPECT_EQ(rmdir(below.c_str()), 0) << "the proof's process is gone";
}

TEST_F(GroupTest, TheProofFailsForAGroupThatIsNotHeld) {
  const auto held = Hold(group_, Wanted());
  ASSERT_TRUE(held.ok()) << held.error().message;
  const RuleMaps& rules = held.value().rules;
  const std::string other = group_ + "-other";
  std::filesystem::create_directory(other);
  const auto proved = ProveGroup(other, rules);
  EXPECT_FALSE(proved.ok());
  EXPECT_EQ(rmdir(other.c_str()), 0);
}

TEST_F(GroupTest, AGroupThatIsFrozenProvesNothingAndIsLeftAsItWas) {
  const auto held = Hold(group_, Wanted());
  ASSERT_TRUE(held.ok()) << held.error().message;
  std::ofstream(group_ + "/cgroup.freeze") << "1";
  const auto proved = ProveGroup(group_, held.value().rules);
  ASSERT_FALSE(proved.ok());
  EXPECT_NE(proved.error().message.find("join the group"), std::string::npos);
  EXPECT_EQ(held.value().rules.Settings().value().state, uint32_t{RW_HOST_CLOSED});
  std::ofstream(group_ + "/cgroup.freeze") << "0";
  EXPECT_EQ(rmdir(group_.c_str()), 0) << "the proof's process is gone";
}

}  // namespace
}  // namespace runward
