#include <gtest/gtest.h>

#include <algorithm>

#include "tools/command.h"

namespace runward {
namespace {

TEST(ReportCommandsTest, AreSortedAndWhole) {
  const auto commands = ReportCommands();
  EXPECT_TRUE(std::is_sorted(commands.begin(), commands.end(),
                             [](const Command& a, const Command& b) { return a.words < b.words; }));
  for (const Command& command : commands) {
    EXPECT_TRUE(command.words.starts_with("report "));
    EXPECT_TRUE(command.synopsis.starts_with(command.words));
    EXPECT_FALSE(command.help.empty());
    EXPECT_NE(command.run, nullptr);
  }
}

}  // namespace
}  // namespace runward
