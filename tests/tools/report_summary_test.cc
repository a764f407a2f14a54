#include <nlohmann/json.hpp>

#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

class ReportSummaryTest : public ReportFixture {};

TEST_F(ReportSummaryTest, SaysWhatHappenedAndWhatEnforceWouldBreak) {
  for (int i = 0; i < 3; ++i) Append(Made(EventAction::kDenied, "bad:1", "verdict.failed"));
  Append(Made(EventAction::kAllowed, "good:1", "verdict.passed"));
  const std::string id = Append(Made(EventAction::kWouldDeny, "old:1", "verdict.expired"));
  const Output output = Run(ReportSummary);
  EXPECT_EQ(output.code, 0);
  for (const char* part : {"5 events from", "denied", "verdict.failed", "bad:1",
                           "What enforce would break", "old:1", "verdict.expired", "█"}) {
    EXPECT_THAT(output.out, HasSubstr(part));
  }
  EXPECT_THAT(output.out, HasSubstr(id));
}

TEST_F(ReportSummaryTest, GivesTheSameAsJson) {
  Append(Made(EventAction::kDenied, "bad:1", "verdict.failed"));
  Append(Made(EventAction::kWouldDeny, "old:1", "verdict.expired"));
  const auto json = nlohmann::json::parse(Run(ReportSummary, {"--json"}).out);
  EXPECT_EQ(json["events"], 2);
  EXPECT_EQ(json["decisions"]["denied"], 1);
  EXPECT_EQ(json["decisions"]["error"], 0);
  EXPECT_EQ(json["refused_by_rule"][0]["rule"], "verdict.failed");
  EXPECT_EQ(json["enforce_would_break"][0]["image"], "old:1");
  EXPECT_EQ(json["enforce_would_break"][0]["profile"], "web");
}

TEST_F(ReportSummaryTest, FiltersAndSaysWhenThereIsNothing) {
  EXPECT_THAT(Run(ReportSummary).out, HasSubstr("no events in"));
  Append(Denied());
  EXPECT_THAT(Run(ReportSummary, {"--rule", "other.*"}).out, HasSubstr("no such events"));
  EXPECT_EQ(nlohmann::json::parse(Run(ReportSummary, {"--json", "--rule", "x"}).out)["events"], 0);
  EXPECT_EQ(Run(ReportSummary, {"--what"}).code, 2);
}

}  // namespace
}  // namespace runward
