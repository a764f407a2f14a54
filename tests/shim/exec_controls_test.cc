#include "shim/exec_controls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;

Invocation CallOf(std::vector<std::string> words, Grammar grammar = Grammar::kRunc) {
  Invocation call;
  const Result<void> parsed = ParseArgv(words, grammar, call);
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
  return call;
}

TEST(ExecByOptions, TakesFromTheContainerWhatRuncDoes) {
  const ExecCall asked = ExecByOptions(CallOf({"exec", "c1", "sh"}));
  EXPECT_FALSE(asked.user || asked.groups || asked.no_new_privileges);
  EXPECT_FALSE(asked.process.capabilities);
}

TEST(ExecByOptions, ExpectsTheWorstOfOtherRuntimes) {
  const ExecCall asked = ExecByOptions(CallOf({"exec", "c1", "sh"}, Grammar::kCrun));
  EXPECT_FALSE(asked.user);
  EXPECT_TRUE(asked.groups && asked.no_new_privileges);
  EXPECT_FALSE(asked.process.no_new_privileges);
}

TEST(ExecByOptions, ReadsUsersGroupsAndCapabilities) {
  const ExecCall asked =
      ExecByOptions(CallOf({"exec", "--user", "7:8", "--additional-gids", "9", "--cap", "CAP_KILL",
                            "--cap=CAP_CHOWN", "--no-new-privs", "c1", "sh"}));
  EXPECT_TRUE(asked.user && asked.groups && asked.no_new_privileges);
  EXPECT_EQ(asked.process.uid, 7U);
  EXPECT_EQ(asked.process.gid, 8U);
  EXPECT_THAT(asked.process.additional_gids, ElementsAre(9U));
  EXPECT_THAT(asked.process.capabilities->bounding, ElementsAre("CAP_KILL", "CAP_CHOWN"));
  EXPECT_TRUE(asked.process.no_new_privileges);
}

TEST(ExecByOptions, RefusesAUserThatMayBeReadInTwoWays) {
  RunRule limited;
  limited.users = {.limited = true, .ids = {{0, 10}}};
  for (const char* user :
       {"", "app", "0x7", "7:", ":7", "7:8:9", " 7", "4294967296", "4294967295", "7:4294967295"}) {
    const ExecCall asked = ExecByOptions(CallOf({"exec", "--user", user, "c1", "sh"}));
    EXPECT_EQ(asked.unclear, user);
    if (*user == '\0') continue;
    EXPECT_EQ(JudgeExecCall(limited, asked).size(), 1U) << user;
    EXPECT_TRUE(JudgeExecCall(RunRule{}, asked).empty()) << user;
  }
  EXPECT_TRUE(
      JudgeExecCall(limited, ExecByOptions(CallOf({"exec", "-u", "7", "c1", "sh"}))).empty());
}

TEST(AskedBy, TellsHowACallLeavesTheContainersCgroups) {
  EXPECT_EQ(AskedBy(CallOf({"exec", "--cgroup", "sub", "c1", "sh"}), {}).cgroup, "");
  EXPECT_EQ(AskedBy(CallOf({"--cgroup-manager=systemd", "run", "c1"}, Grammar::kCrun), {}).cgroup,
            "");
  EXPECT_EQ(AskedBy(CallOf({"exec", "--cgroup", "a", "--cgroup=/..", "c1", "sh"}), {}).cgroup,
            "the cgroup \"/..\"");
  EXPECT_EQ(AskedBy(CallOf({"exec", "--cgroup=cpu:../x", "c1", "sh"}), {}).cgroup,
            "the cgroup \"cpu:../x\"");
  EXPECT_EQ(AskedBy(CallOf({"--cgroup-manager=disabled", "run", "c1"}, Grammar::kCrun), {}).cgroup,
            "no cgroup, by --cgroup-manager=disabled");
  // What runtime.json says stands before what the engine says.
  const std::vector<std::string> disabled = {"--cgroup-manager", "disabled"};
  const std::vector<std::string> systemd = {"--cgroup-manager=systemd"};
  const Invocation call = CallOf({"--cgroup-manager", "disabled", "run", "c1"}, Grammar::kCrun);
  EXPECT_EQ(AskedBy(call, disabled).cgroup, "");
  EXPECT_NE(AskedBy(call, systemd).cgroup, "");
}

TEST(AskedBy, TellsOfARootByChrootAndOfFiles) {
  EXPECT_FALSE(AskedBy(CallOf({"create", "c1"}), {}).no_pivot);
  EXPECT_TRUE(AskedBy(CallOf({"create", "--no-pivot", "c1"}), {}).no_pivot);
  EXPECT_TRUE(AskedBy(CallOf({"restore", "--no-pivot", "c1"}), {}).no_pivot);
  EXPECT_EQ(AskedBy(CallOf({"create", "c1"}), {}).fds, 0);
  EXPECT_EQ(AskedBy(CallOf({"run", "--preserve-fds=0", "c1"}), {}).fds, 0);
  EXPECT_EQ(AskedBy(CallOf({"run", "--preserve-fds", "0", "--preserve-fds", "2", "c1"}), {}).fds,
            2);
  for (const char* odd : {"0x1", "-1", "70000", "", "1 "}) {
    EXPECT_GT(AskedBy(CallOf({"exec", "--preserve-fds", odd, "c1", "sh"}), {}).fds, 0) << odd;
  }
  setenv("LISTEN_FDS", "3", 1);
  EXPECT_EQ(AskedBy(CallOf({"exec", "c1", "sh"}), {}).fds, 3);
  unsetenv("LISTEN_FDS");
}

TEST(LimitsByOptions, TellLimitsFromNone) {
  const ResourceLimits limits = LimitsByOptions(
      CallOf({"update", "--memory", "-1", "--pids-limit", "0", "--cpu-quota=5000", "c1"}));
  EXPECT_EQ(limits.memory_limit, -1);
  EXPECT_EQ(limits.pids_limit, 0);
  EXPECT_EQ(limits.cpu_quota, 5000);
  EXPECT_EQ(LimitsByOptions(CallOf({"update", "--memory", "512M", "c1"})).memory_limit, 512);
  EXPECT_EQ(
      LimitsByOptions(CallOf({"update", "--memory", "99999999999999999999", "c1"})).memory_limit,
      1);
  EXPECT_FALSE(LimitsByOptions(CallOf({"update", "c1"})).memory_limit);
}

}  // namespace
}  // namespace runward
