#include "policy/compliance_items.h"

#include <gtest/gtest.h>

#include <string>

namespace runward {
namespace {

TEST(ComplianceItems, AreSectionFiveInItsOrderWithoutAGap) {
  int number = 0;
  for (const ComplianceItem& item : ComplianceItems()) {
    EXPECT_EQ(item.id, "5." + std::to_string(++number));
  }
  EXPECT_EQ(number, 32);
}

TEST(ComplianceItems, EachSaysWhatToDoAndWhoseCountermeasureItIs) {
  for (const ComplianceItem& item : ComplianceItems()) {
    EXPECT_FALSE(item.title.empty()) << item.id;
    EXPECT_LE(item.title.size(), 61U) << item.id << ": the table's column";
    EXPECT_FALSE(item.remedy.empty()) << item.id;
    EXPECT_NE(NistTitle(item.nist), "") << item.id;
  }
}

TEST(ComplianceItems, KnowsNoOthers) { EXPECT_EQ(NistTitle("4.9.9"), ""); }

}  // namespace
}  // namespace runward
