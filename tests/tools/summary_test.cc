#include "tools/summary.h"

#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

class SummaryTest : public ReportFixture {};

TEST_F(SummaryTest, CountsTheMostFrequentFirst) {
  Tally tally;
  for (const char* key : {"b", "a", "c", "c", "b", "c"}) tally.Add(key, Denied());
  const auto top = tally.Top(2);
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].first, "c");
  EXPECT_EQ(top[0].second.count, 3);
  EXPECT_EQ(top[1].first, "b");
  EXPECT_EQ(tally.keys(), 3U);
}

TEST_F(SummaryTest, RemembersABoundedNumberOfNames) {
  Tally tally;
  Event event;
  for (size_t i = 0; i < Tally::kMaxKeys + 5; ++i) tally.Add(std::to_string(i), event);
  tally.Add("0", event);
  EXPECT_EQ(tally.keys(), Tally::kMaxKeys);
  EXPECT_EQ(tally.uncounted(), 5);
}

TEST_F(SummaryTest, KeepsDecisionsApart) {
  Summary summary;
  LoggedEvent logged;
  for (EventAction action : {EventAction::kAllowed, EventAction::kDenied, EventAction::kWouldDeny,
                             EventAction::kWouldDeny, EventAction::kError}) {
    logged.event = Made(action, "image\nwith a line", "rule");
    summary.Add(logged);
  }
  EXPECT_EQ(summary.events, 5);
  EXPECT_THAT(summary.by_action, ::testing::ElementsAre(1, 1, 2, 1));
  EXPECT_EQ(summary.rules.keys(), 1U);
  EXPECT_EQ(summary.errors.keys(), 1U);
  const BreakKey parts = SplitBreakKey(summary.breaks.Top(1).at(0).first);
  EXPECT_EQ(parts.profile, "web");
  EXPECT_EQ(parts.image, "image with a line");
  EXPECT_EQ(parts.rule, "rule");
  EXPECT_EQ(SummaryImage(Event{}), "(no identity)");
}

}  // namespace
}  // namespace runward
