#include "tools/policy_commands.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace runward {
namespace {

TEST(PolicyCommands, AreSortedAndExplained) {
  const auto commands = PolicyCommands();
  EXPECT_FALSE(commands.empty());
  EXPECT_TRUE(std::ranges::is_sorted(commands, {}, &Command::words));
  for (const Command& command : commands) {
    EXPECT_TRUE(command.synopsis.starts_with(command.words));
    EXPECT_FALSE(command.help.empty());
    EXPECT_NE(command.run, nullptr);
  }
}

TEST(PolicyCommands, HintAtTheInstallationThatIsMeant) {
  EXPECT_EQ(CommandHint({PathsFor(""), {}}, "policy check"), "runwardctl policy check");
  EXPECT_EQ(CommandHint({PathsFor("/d"), {}}, "policy check"),
            "runwardctl --runward-root=/d policy check");
}

}  // namespace
}  // namespace runward
