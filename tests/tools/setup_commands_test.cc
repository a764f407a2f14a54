#include <gtest/gtest.h>

#include <algorithm>

#include "tools/command.h"

namespace runward {
namespace {

TEST(SetupCommandsTest, AreSortedAndWhole) {
  const auto commands = SetupCommands();
  EXPECT_TRUE(std::ranges::is_sorted(commands, {}, &Command::words));
  for (const Command& command : commands) {
    EXPECT_TRUE(command.synopsis.starts_with(command.words));
    EXPECT_FALSE(command.help.empty());
    EXPECT_NE(command.run, nullptr);
  }
}

}  // namespace
}  // namespace runward
