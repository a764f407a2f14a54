#include "agent/loader_rule.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runward {
namespace {

using Commands = std::vector<std::string>;

TEST(LoaderRule, ALoaderGoesRoundWhatIsSaidOfExecutingAlone) {
  const CommandFiles none;
  const CommandFiles busybox{
      .names = {}, .devices = {}, .denied = {}, .multi_calls = {1}, .loaders = {}, .excepted = {}};
  const CommandRule drift{.drift = Drift::kDeny};
  EXPECT_TRUE(LoaderGoesRound(drift, none, std::nullopt));
  EXPECT_TRUE(LoaderGoesRound(drift, none, KernelTier::kKill));
  EXPECT_FALSE(LoaderGoesRound(drift, none, KernelTier::kLsm));
  EXPECT_FALSE(LoaderGoesRound({.drift = Drift::kWarn}, none, std::nullopt));
  for (const auto tier : {std::optional<KernelTier>(), std::optional(KernelTier::kFmodRet)}) {
    EXPECT_FALSE(LoaderGoesRound({}, busybox, tier));
    EXPECT_FALSE(LoaderGoesRound({.lists = {.deny = {"nc"}, .allow = {}}}, none, tier));
    EXPECT_TRUE(LoaderGoesRound({.lists = {.deny = {"nc"}, .allow = {}}}, busybox, tier));
    EXPECT_TRUE(LoaderGoesRound({.lists = {.deny = {}, .allow = Commands{}}}, none, tier));
    EXPECT_TRUE(LoaderGoesRound({.users = {{}}}, none, tier));
    EXPECT_TRUE(LoaderGoesRound({.exec_allow = Commands{}}, none, tier));
    EXPECT_TRUE(LoaderGoesRound({.arguments = {{}}}, none, tier));
    EXPECT_FALSE(LoaderGoesRound({.exec_users = {.limited = true}}, none, tier));
  }
}

// This process waits in no call that executes something: as what the file is opened cannot be told.
class JudgeAsLoaderTest : public testing::Test {
 protected:
  void SetUp() override {
    container_.loader_forbidden = true;
    what_.file = file_.get();
  }
  std::string Judge(std::optional<CommandFinding> found = std::nullopt) {
    const auto judged = JudgeAsLoader(container_, what_, tried_, std::move(found));
    return judged ? judged->rule : "";
  }

  UniqueFd file_{open("/lib64/ld-linux-x86-64.so.2", O_RDONLY | O_CLOEXEC)};
  Watched container_;
  OpenTry what_{.file = -1, .task = getpid(), .execute = true};
  CommandTry tried_{.path = "/opt/ld.so", .names = {}};
};

TEST_F(JudgeAsLoaderTest, WhatCannotBeToldIsDenied) {
  EXPECT_EQ(Judge(), "commands.error");
  EXPECT_EQ(Judge(CommandFinding{.rule = "commands.allow", .reason = ""}), "commands.allow");
}

TEST_F(JudgeAsLoaderTest, NobodyIsAskedWhereItGoesRoundNothing) {
  container_.loader_forbidden = false;
  EXPECT_EQ(Judge(), "");
  EXPECT_EQ(Judge(CommandFinding{.rule = "commands.drift", .reason = ""}), "commands.drift");
  container_.loader_forbidden = true;
  EXPECT_EQ(Judge(CommandFinding{.rule = "commands.deny", .reason = ""}), "commands.deny");
  container_.rule.lists.allow = Commands{"/opt/ld.so"};
  EXPECT_EQ(Judge(), "");
}

TEST_F(JudgeAsLoaderTest, WhatIsNoLoaderIsAsItWasFound) {
  const UniqueFd program(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  what_.file = program.get();
  EXPECT_EQ(Judge(), "");
  EXPECT_EQ(Judge(CommandFinding{.rule = "commands.allow", .reason = ""}), "commands.allow");
}

TEST_F(JudgeAsLoaderTest, WhatTheKernelKnowsIsLeftToIt) {
  struct stat info {};
  ASSERT_EQ(fstat(file_.get(), &info), 0);
  container_.files.loaders = {info.st_ino};
  EXPECT_EQ(Judge(), "commands.error");
  container_.kernel_behind = true;
  EXPECT_EQ(Judge(), "");
  const CommandFinding unlisted{.rule = "commands.users.allow", .reason = ""};
  EXPECT_EQ(Judge(unlisted), "");
  tried_.drifted = true;
  EXPECT_EQ(Judge(unlisted), "commands.users.allow");
}

}  // namespace
}  // namespace runward
