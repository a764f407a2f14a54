#include "oci/peer_task.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(PeerTask, GoesByWhatIsVouchedForAlone) {
  Decision decision{.outcome = Outcome::kAllow, .profile = "web", .image = "r.example/web:1"};
  decision.vouched_for = true;
  PeerTask task = PeerTaskFor(decision, "K");
  EXPECT_EQ(task.key, "K");
  EXPECT_EQ(task.profile, "web");
  EXPECT_TRUE(task.vouched);
  EXPECT_EQ(task.image, "") << "a name that no key gave";
  decision.image_signed = true;
  EXPECT_EQ(PeerTaskFor(decision, "K").image, "r.example/web:1");
  decision.outcome = Outcome::kWouldDeny;
  EXPECT_FALSE(PeerTaskFor(decision, "K").vouched);
  decision.outcome = Outcome::kAllow;
  decision.vouched_for = false;
  EXPECT_FALSE(PeerTaskFor(decision, "K").vouched);
}

}  // namespace
}  // namespace runward
