#include "tools/compliance.h"

#include <gmock/gmock.h>

namespace runward {
namespace {

using ::testing::SizeIs;

LoggedEvent Finding(const std::string& container, int64_t ns) {
  LoggedEvent logged;
  logged.event.container_id = container;
  logged.event.time = Time{ns};
  logged.event.checks = {{"5.4", CheckStatus::kFail, "SYS_ADMIN"},
                         {"5.13", CheckStatus::kPass, ""}};
  return logged;
}

TEST(ComplianceRows, ListAllItemsThoseThatCannotBeDecidedIncluded) {
  const std::vector<ComplianceRow> rows = RowsOf(Finding("c", 1), {});
  ASSERT_THAT(rows, SizeIs(ComplianceItems().size()));
  EXPECT_EQ(rows[3].item->id, "5.4");
  EXPECT_EQ(rows[3].status, CheckStatus::kFail);
  EXPECT_EQ(rows[3].detail, "SYS_ADMIN");
  EXPECT_EQ(rows[14].status, CheckStatus::kUndecided);
  EXPECT_EQ(rows[14].detail, rows[14].item->undecidable);
  EXPECT_EQ(rows[10].detail, "the record does not tell");
}

TEST(ComplianceRows, AreFilteredByStatusAndItem) {
  EXPECT_THAT(RowsOf(Finding("c", 1), {.statuses = {CheckStatus::kFail}}), SizeIs(1));
  EXPECT_THAT(RowsOf(Finding("c", 1), {.item = "5.1*"}), SizeIs(11));
  EXPECT_THAT(RowsOf(Finding("c", 1), {.statuses = {CheckStatus::kWarn}}), SizeIs(0));
}

TEST(ComplianceContainers, KeepsTheNewestOfEachAndTheMostThatItHolds) {
  ComplianceContainers containers;
  containers.Add(Finding("b", 1));
  containers.Add(Finding("a", 2));
  containers.Add(Finding("b", 3));
  ASSERT_THAT(containers.Oldest(), SizeIs(2));
  EXPECT_EQ(containers.Oldest()[0]->event.container_id, "a");
  EXPECT_EQ(containers.Oldest()[1]->event.time.ns, 3);
  for (size_t i = 0; i < ComplianceContainers::kMost; ++i) {
    containers.Add(Finding(std::to_string(i), 4));
  }
  EXPECT_THAT(containers.Oldest(), SizeIs(ComplianceContainers::kMost));
  EXPECT_EQ(containers.uncounted(), 2);
}

}  // namespace
}  // namespace runward
