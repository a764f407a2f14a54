#include "agent/group_proof.h"

#include "tests/agent/group_fixture.h"

namespace runward {
namespace {

TEST_F(GroupTest, TheProofHoldsWhereTheProgramsDoAndInGroupsBelow) {
  const auto rules = Attach(group_);
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  const auto proved = ProveGroup(group_, rules.value());
  EXPECT_TRUE(proved.ok()) << proved.error().message;
  EXPECT_TRUE(rules.value().Denied().empty());
  const std::string below = group_ + "/below";
  std::filesystem::create_directory(below);
  EXPECT_TRUE(ProveGroup(below, rules.value()).ok());
  EXPECT_EQ(rmdir(below.c_str()), 0) << "the proof's process is gone";
}

TEST_F(GroupTest, TheProofFailsForAGroupThatIsNotHeld) {
  const auto rules = Attach(group_);
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  const std::string other = group_ + "-other";
  std::filesystem::create_directory(other);
  const auto proved = ProveGroup(other, rules.value());
  EXPECT_FALSE(proved.ok());
  EXPECT_EQ(rmdir(other.c_str()), 0);
}

}  // namespace
}  // namespace runward
