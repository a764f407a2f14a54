#include "agent/group_links.h"

#include "tests/agent/group_fixture.h"

namespace runward {
namespace {

using Sets = std::array<std::string, 2>;

TEST_F(GroupTest, AGroupThatIsGoneHoldsNothing) {
  const auto held = Hold(group_, Wanted());
  ASSERT_TRUE(held.ok()) << held.error().message;
  EXPECT_FALSE(HoldsNothing(pinned_));
  ASSERT_EQ(rmdir(group_.c_str()), 0);
  // The kernel lets go some time after.
  for (int tries = 0; !HoldsNothing(pinned_) && tries < 100; ++tries) usleep(50'000);
  EXPECT_TRUE(HoldsNothing(pinned_));
  EXPECT_EQ(SetsInForce(pinned_).value(), Sets());
  RemoveGroupRules(pinned_);
  EXPECT_TRUE(PinnedVersions(dir_ + "/pins").empty());
}

TEST_F(GroupTest, ALinkIsKnownByTheSetThatItCalls) {
  ASSERT_TRUE(Hold(group_, Wanted()).ok());
  const std::string set = SetName(Wanted());
  EXPECT_EQ(SetsInForce(pinned_).value(), (Sets{set, set}));
  ASSERT_EQ(unlink((pinned_ + "/ingress").c_str()), 0);
  EXPECT_EQ(SetsInForce(pinned_).value(), (Sets{set, ""}));
  RemovePinned(pinned_ + "/" + set, {});
  EXPECT_EQ(SetsInForce(pinned_).value(), (Sets{"?", ""}));
  EXPECT_FALSE(HoldsNothing(pinned_));
}

}  // namespace
}  // namespace runward
