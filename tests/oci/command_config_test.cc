#include "oci/command_config.h"

#include <gtest/gtest.h>

#include "oci/agent_client.h"

namespace runward {
namespace {

class CommandConfigTest : public testing::Test {
 protected:
  // The configuration afterwards; what is to fail goes to denied_.
  std::string Compose(const CommandRule& rule, std::string_view tier) {
    const JsonDocument given =
        JsonDocument::Parse(R"({"mounts":[{"destination":"/v","options":["bind"]}]})").value();
    ResultingConfig result(given, "config.json");
    EXPECT_TRUE(ComposeCommands(rule, tier, denied_, result).ok());
    return result.changed() ? std::string(result.text()) : "";
  }

  std::vector<std::string> denied_ = {"mount", "ptrace"};
};

TEST_F(CommandConfigTest, FanotifyAloneNeedsWhatItCannotSeeToFail) {
  EXPECT_EQ(Compose({.drift = Drift::kDeny}, kTierFanotify),
            R"({"mounts":[{"destination":"/v","options":["bind","noexec"]}]})");
  EXPECT_EQ(denied_,
            (std::vector<std::string>{"execveat", "fsmount", "fsopen", "memfd_create", "mount",
                                      "move_mount", "open_tree", "ptrace", "setns"}));
}

TEST_F(CommandConfigTest, WithoutDriftOnlyMountsAreClosed) {
  EXPECT_NE(Compose({.lists = {.deny = {"nc"}, .allow = {}}}, kTierFanotify), "");
  EXPECT_EQ(denied_.size(), 2U);
}

TEST_F(CommandConfigTest, TheKernelsProgramsNeedNothing) {
  for (const std::string_view tier : {kTierLsm, kTierFmodRet, kTierFanotifyKill}) {
    EXPECT_EQ(Compose({.drift = Drift::kDeny}, tier), "");
  }
  EXPECT_EQ(denied_.size(), 2U);
}

TEST(CommandConfig, FindsTheProfilesRules) {
  const JsonDocument document = JsonDocument::Parse(R"({"deny": ["nc"]})").value();
  Policy policy;
  policy.profiles.push_back({.name = "web", .commands = document.root()});
  EXPECT_EQ(CommandRuleOf(policy, "web").lists.deny, std::vector<std::string>{"nc"});
  EXPECT_TRUE(CommandRuleOf(policy, "other").empty());
}

}  // namespace
}  // namespace runward
