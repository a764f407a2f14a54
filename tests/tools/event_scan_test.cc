#include "tools/event_scan.h"

#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

class EventScan : public ReportFixture {};

TEST_F(EventScan, VisitsEveryEventOnceInOrderAcrossFiles) {
  options_.rotate_bytes = 3000;
  std::vector<std::string> written;
  for (int i = 0; i < 9; ++i) written.push_back(Append(Denied()));
  Add(File(), "torn");
  std::vector<std::string> seen;
  const auto counts =
      ScanEvents(Log(), {}, [&](const LoggedEvent& logged, const LogLine&, const std::string&) {
        seen.push_back(logged.event.id);
      });
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(seen, written);
  EXPECT_EQ(counts.value().unreadable, 0);  // an unfinished line may be somebody writing
  Append(Denied());
  const auto closed =
      ScanEvents(Log(), {}, [](const LoggedEvent&, const LogLine&, const std::string&) {});
  EXPECT_EQ(closed.value().unreadable, 1);
}

TEST_F(EventScan, ALogThatIsNotThereHasNoEventsAndOneThatIsNoLogIsAnError) {
  const EventVisitor none = [](const LoggedEvent&, const LogLine&, const std::string&) {};
  EXPECT_EQ(ScanEvents(Log(), {}, none).value().lines, 0);
  std::filesystem::create_directories(File());
  EXPECT_FALSE(ScanEvents(Log(), {}, none).ok());
}

}  // namespace
}  // namespace runward
