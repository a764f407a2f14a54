#include "oci/command_config.h"

#include <gtest/gtest.h>

#include "oci/agent_client.h"

namespace runward {
namespace {

class CommandConfigTest : public testing::Test {
 protected:
  // The configuration afterwards; what is to fail goes to denied_.
  std::string Compose(const CommandRule& rule, std::string_view tier, Mode mode = Mode::kEnforce) {
    const JsonDocument given =
        JsonDocument::Parse(R"({"mounts":[{"destination":"/v","options":["bind"]}]})").value();
    ResultingConfig result(given, "config.json");
    EXPECT_TRUE(
        ComposeCommands(rule, tier, mode, ListenerFor(PathsFor(""), "k", mode), denied_, result)
            .ok());
    return result.changed() ? std::string(result.text()) : "";
  }

  std::vector<std::string> denied_ = {"mount", "ptrace"};
};

TEST_F(CommandConfigTest, FanotifyAloneNeedsWhatItCannotSeeToFail) {
  EXPECT_EQ(Compose({.drift = Drift::kDeny}, kTierFanotify),
            R"({"mounts":[{"destination":"/v","options":["bind","noexec"]}]})");
  EXPECT_EQ(denied_,
            (std::vector<std::string>{"execveat", "fsmount", "fsopen", "memfd_create", "mount",
                                      "mount_setattr", "move_mount", "open_tree", "pivot_root",
                                      "ptrace", "setns", "umount", "umount2"}));
}

TEST_F(CommandConfigTest, AListOfWhatIsAllowedNeedsTheSame) {
  const CommandLists allow{.deny = {}, .allow = std::vector<std::string>{"sh"}};
  for (const CommandRule& rule :
       {CommandRule{.lists = allow}, CommandRule{.users = {{{}, allow}}}}) {
    denied_ = {"mount", "ptrace"};
    Compose(rule, kTierFanotify);
    EXPECT_EQ(denied_.size(), 13U);
    denied_ = {"mount", "ptrace"};
    Compose(rule, kTierFanotifyKill);
    Compose(rule, kTierFanotify, Mode::kAudit);
    EXPECT_EQ(denied_.size(), 2U);
  }
}

TEST_F(CommandConfigTest, RulesOfUsersAndOfExecNeedTheSame) {
  const CommandLists deny{.deny = {"nc"}, .allow = {}};
  for (const CommandRule& rule : {CommandRule{.users = {{{}, deny}}},
                                  CommandRule{.exec_allow = std::vector<std::string>{"sh"}},
                                  CommandRule{.exec_users = {.limited = true}}}) {
    denied_ = {"mount", "ptrace"};
    Compose(rule, kTierFanotify);
    EXPECT_EQ(denied_.size(), 13U);
  }
}

TEST_F(CommandConfigTest, WhereCopiesMayBeExecutedOnlyMountsAreClosed) {
  EXPECT_NE(Compose({.lists = {.deny = {"nc"}, .allow = {}}}, kTierFanotify), "");
  EXPECT_EQ(denied_.size(), 2U);
}

TEST_F(CommandConfigTest, TheKernelsProgramsNeedNothing) {
  for (const std::string_view tier : {kTierLsm, kTierFmodRet, kTierFanotifyKill}) {
    EXPECT_EQ(Compose({.drift = Drift::kDeny}, tier), "");
  }
  EXPECT_EQ(denied_.size(), 2U);
}

TEST_F(CommandConfigTest, NotificationAsksAndClosesWhatItIsNotAskedAbout) {
  const CommandRule drift{.drift = Drift::kDeny};
  std::string text = Compose(drift, kTierNotify);
  EXPECT_NE(text.find("SCMP_ACT_NOTIFY"), std::string::npos);
  EXPECT_NE(text.find(R"("listenerPath":"/run/runward/calls.sock")"), std::string::npos);
  EXPECT_NE(text.find(R"("listenerMetadata":"enforce k")"), std::string::npos);
  EXPECT_NE(text.find("noexec"), std::string::npos);
  text = Compose(drift, kTierNotify, Mode::kAudit);
  EXPECT_NE(text.find(R"("listenerMetadata":"audit k")"), std::string::npos);
  EXPECT_EQ(text.find("noexec"), std::string::npos);
  EXPECT_EQ(denied_.size(), 2U);
}

TEST(CommandConfig, KnowsWhatATierCannotHold) {
  const auto config = [](const char* text) { return JsonDocument::Parse(text).value(); };
  const JsonDocument plain = config("{}");
  const JsonDocument filtered =
      config(R"({"annotations": {"run.oci.seccomp.receiver": "/run/other.sock"}})");
  const CommandRule drift{.drift = Drift::kDeny};
  const CommandRule accepting{.drift = Drift::kDeny, .advisory = true};
  const CommandRule arguments{.arguments = {{.command = "git", .deny = {"push"}, .allow = {}}}};
  const auto rule = [](const CommandRule& given, std::string_view tier, const JsonDocument& of) {
    return ObstacleOfTier(given, tier, of.root()).rule;
  };
  EXPECT_EQ(rule(drift, kTierNotify, plain), "commands.advisory");
  EXPECT_EQ(rule(accepting, kTierNotify, plain), "");
  EXPECT_EQ(rule(accepting, kTierNotify, filtered), "commands.seccomp");
  EXPECT_EQ(rule(drift, kTierFanotify, filtered), "commands.seccomp");
  EXPECT_EQ(rule(drift, kTierLsm, filtered), "");
  EXPECT_EQ(rule(arguments, kTierFanotify, plain), "commands.arguments");
  EXPECT_EQ(rule(arguments, kTierFanotifyKill, plain), "");
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
