#include "base/event_bounds.h"

#include "tests/base/event_directory.h"

namespace runward {
namespace {

class EventBounds : public EventDirectory {};

TEST_F(EventBounds, KeepsWhatFitsAsItIs) {
  const Event event = Denied();
  const BoundedEvent bounded = BoundEvent(event);
  EXPECT_EQ(bounded.event.reason, event.reason);
  EXPECT_EQ(bounded.event.image_chain, event.image_chain);
  EXPECT_FALSE(bounded.hostname.empty());
  EXPECT_EQ(bounded.boot_id.size(), 36U);
}

TEST_F(EventBounds, BoundsListsAndCountsTheRest) {
  Event event = Denied();
  event.env = std::vector<std::string>(500, "NAME=value");
  event.args = {"a", "b"};
  event.warnings = std::vector<std::string>(10, "w");
  const BoundedEvent bounded = BoundEvent(event);
  EXPECT_EQ(bounded.env.items.size() + bounded.env.left, 500U);
  EXPECT_GT(bounded.env.left, 0U);
  EXPECT_EQ(bounded.args.left, 0U);
  EXPECT_EQ(bounded.event.warnings.size(), 4U);
}

TEST_F(EventBounds, CutsTheLongestFirstAndStopsAtWhatMustStay) {
  Event event = Denied();
  event.reason = std::string(700, 'r');
  event.bundle = std::string(380, 'b');
  BoundedEvent bounded = BoundEvent(event);
  ASSERT_EQ(CutLongest(bounded, 10), 10U);
  EXPECT_EQ(bounded.event.reason.size(), 690U);
  EXPECT_EQ(bounded.event.bundle.size(), 380U);
  int cuts = 0;
  while (CutLongest(bounded, 10000) > 0 && cuts < 1000) ++cuts;
  EXPECT_LT(cuts, 200);
  EXPECT_LE(bounded.event.reason.size(), 48U);
}

}  // namespace
}  // namespace runward
