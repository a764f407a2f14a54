#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ReportEventsTest : public ReportFixture {};

TEST_F(ReportEventsTest, SaysWhenThereIsNothing) {
  EXPECT_EQ(Run(ReportEvents).out, "no events in " + Log() + "\n");
  Append(Denied());
  EXPECT_EQ(Run(ReportEvents, {"--id", "none"}).out, "no such events in " + Log() + "\n");
}

TEST_F(ReportEventsTest, ListsWhatMatchesUnderAHeading) {
  const std::string first = Append(Made(EventAction::kDenied, "a", "verdict.missing"));
  const std::string second = Append(Made(EventAction::kAllowed, "b", "verdict.passed"));
  const Output all = Run(ReportEvents);
  EXPECT_EQ(all.code, 0);
  EXPECT_THAT(Lines(all.out), SizeIs(3));
  const Output denied = Run(ReportEvents, {"--decision", "denied"});
  EXPECT_THAT(denied.out, HasSubstr(first));
  EXPECT_THAT(denied.out, Not(HasSubstr(second)));
}

TEST_F(ReportEventsTest, JsonIsTheLogsOwnLine) {
  Append(Denied());
  Append(Denied());
  EXPECT_EQ(Run(ReportEvents, {"--json"}).out, Read(File()));
  EXPECT_THAT(Run(ReportEvents, {"--json", "--id", "none"}).out, IsEmpty());
}

TEST_F(ReportEventsTest, TellsOfLinesThatItCouldNotRead) {
  Append(Denied());
  Add(File(), "{\"evil\":\"\x1b\"}\n");
  const Output output = Run(ReportEvents);
  EXPECT_EQ(output.code, 0);
  EXPECT_THAT(output.err, HasSubstr("1 line of the log could not be read"));
}

TEST_F(ReportEventsTest, WrongUseAndABrokenLogAreToldApart) {
  EXPECT_EQ(Run(ReportEvents, {"--what"}).code, 2);
  EXPECT_EQ(Run(ReportEvents, {"--since", "x"}).code, 2);
  std::filesystem::create_directories(File());
  EXPECT_EQ(Run(ReportEvents).code, 1);
}

}  // namespace
}  // namespace runward
