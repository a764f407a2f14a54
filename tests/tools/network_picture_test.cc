#include "tests/tools/network_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class NetworkPictureTest : public NetworkFixture {
 protected:
  std::string Draw() const { return NetworkPicture(map_.Flows(), "now"); }
  void Add(EventAction action, const EventFlow& flow, const std::string& container = "web-1") {
    map_.Add(Logged(Flow(action, flow, "network.egress.default", container)));
  }
  NetworkMap map_;
};

size_t CountIn(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(NetworkPictureTest, MarksWhatWasDeniedAndDrawsItFirst) {
  Add(EventAction::kAllowed, To("10.0.0.1", "tcp", 443));
  Add(EventAction::kDenied, To("10.0.0.9", "tcp", 25, 12));
  const std::string picture = Draw();
  EXPECT_LT(picture.find("10.0.0.9"), picture.find("10.0.0.1"));
  EXPECT_THAT(picture, HasSubstr("1 flow denied"));
  EXPECT_THAT(picture, HasSubstr("denied to 10.0.0.9 25/tcp: 12 packets"));
  // The legend's and the flow's.
  EXPECT_EQ(CountIn(picture, "r=\"9\""), 2U);
}

TEST_F(NetworkPictureTest, PutsWhoCameFromOutsideOnTheOtherSide) {
  Add(EventAction::kDenied, From("10.0.0.9", "tcp", 80));
  EXPECT_THAT(Draw(), HasSubstr("text-anchor=\"end\" class=\"strong\""));
}

TEST_F(NetworkPictureTest, ShowsNoMoreThanAPersonReads) {
  for (int i = 0; i < 100; ++i)
    Add(EventAction::kDenied, To("10.0.0." + std::to_string(i), "tcp", 1));
  for (int i = 0; i < 100; ++i)
    Add(EventAction::kAllowed, To("10.0.1." + std::to_string(i), "tcp", 1));
  for (int i = 0; i < 120; ++i) {
    Add(EventAction::kAllowed, To("10.0.2.1", "tcp", 1), "c" + std::to_string(i));
  }
  const std::string picture = Draw();
  EXPECT_THAT(picture, HasSubstr("and 148 more flows"));
  EXPECT_THAT(picture, HasSubstr("and 21 more containers"));
}

TEST_F(NetworkPictureTest, NamesThatOthersChoseStayText) {
  Event event = Flow(EventAction::kDenied, To("10.0.0.9", "tcp", 1), "<script>");
  event.image_name = "\"><script>alert(1)</script>";
  event.container_id = "<svg onload=x>";
  map_.Add(Logged(event));
  EXPECT_THAT(Draw(), Not(HasSubstr("<script")));
  EXPECT_THAT(Draw(), Not(HasSubstr("<svg on")));
}

TEST_F(NetworkPictureTest, OfNothingIsAPictureToo) {
  EXPECT_THAT(Draw(), HasSubstr("0 containers"));
}

}  // namespace
}  // namespace runward
