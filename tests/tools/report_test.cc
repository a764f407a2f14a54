#include "tools/report.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Report, CountsAsPeopleRead) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(-123456), "-123,456");
  EXPECT_EQ(Count(1, "record"), "1 record");
  EXPECT_EQ(Count(2, "record"), "2 records");
}

TEST(Report, FitsTextIntoColumns) {
  EXPECT_EQ(Fit("abc", 5), "abc  ");
  EXPECT_EQ(Fit("abc", 3), "abc");
  EXPECT_EQ(Fit("abcdef", 4), "abc…");
  EXPECT_EQ(Fit("äöüäöü", 4), "äöü…");
  EXPECT_EQ(Columns("äöü…"), 4U);
}

TEST(Report, ShowsATimeToTheSecond) {
  EXPECT_EQ(ShortTime(Time{1'795'389'947'825'144'237}), "2026-11-22 23:25:47");
}

}  // namespace
}  // namespace runward
