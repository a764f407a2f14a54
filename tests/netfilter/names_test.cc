#include "netfilter/names.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

const std::string kKey = "0123456789abcdeffedcba98765432100123456789abcdeffedcba9876543210";

TEST(Names, AreOfTheKey) {
  EXPECT_EQ(TableName(kKey), "runward_0123456789abcdef");
  EXPECT_NE(TableName(kKey), TableName("f" + kKey));
  EXPECT_NE(LogGroup(kKey), LogGroup("f" + kKey));
  EXPECT_GE(LogGroup(std::string(64, '0')), 1024);
  EXPECT_GE(LogGroup(std::string(64, 'f')), 1024);
  EXPECT_EQ(SetName(Direction::kIngress, 12, "dns6"), "i12_dns6");
}

TEST(Names, AMarkIsReadAsItWasWritten) {
  for (const Direction direction : {Direction::kEgress, Direction::kIngress}) {
    for (const auto rule :
         {std::optional<uint32_t>(), std::optional<uint32_t>(0), std::optional<uint32_t>(65533)}) {
      const ConnectionMark mark{0x7fff, direction, rule};
      EXPECT_EQ(ParseMark(FormatMark(mark)), mark);
    }
  }
  EXPECT_EQ(ParseMark(0), std::nullopt);
  EXPECT_EQ(ParseMark(0x30000), std::nullopt);
}

}  // namespace
}  // namespace runward
