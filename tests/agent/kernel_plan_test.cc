#include "agent/kernel_plan.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace runward {
namespace {

namespace fs = std::filesystem;

class KernelPlanTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "plan_XXXXXX";
    top_ = mkdtemp(name.data());
    fs::create_directories(top_ + "/bin");
    fs::create_directories(top_ + "/build");
    fs::create_directories(top_ + "/lib64");
    for (const char* file : {"/bin/nc", "/bin/busybox", "/lib64/ld-linux-x86-64.so.2"}) {
      std::ofstream(top_ + file) << "x";
    }
    root_ = UniqueFd(open(top_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    container_.mounts.push_back({.place = "/", .mount = {.device = "8:17", .type = "overlay"}});
    container_.mounts.push_back({.place = "/build", .mount = {.device = "0:70", .type = "tmpfs"}});
  }
  void TearDown() override { fs::remove_all(top_); }

  KernelPlan Plan(const CommandRule& rule, KernelTier tier = KernelTier::kLsm) {
    container_.rule = rule;
    container_.files = FindCommandFiles(root_.get(), rule);
    return PlanForKernel(container_, tier);
  }
  // Flags of all rules about the file, together.
  int FlagsOf(const KernelPlan& plan, const std::string& path, uint64_t device = makedev(8, 17)) {
    struct stat info {};
    EXPECT_EQ(stat((top_ + path).c_str(), &info), 0);
    int flags = 0;
    for (const FileRule& rule : plan.rules.files) {
      if (rule.file == FileKey{device, info.st_ino}) flags |= rule.flags;
    }
    return flags;
  }

  std::string top_;
  UniqueFd root_;
  Watched container_;
};

TEST_F(KernelPlanTest, NamesAndFilesThatAreThereAreTheKernels) {
  const KernelPlan plan = Plan({.lists = {.deny = {"nc", "/bin/busybox"}, .allow = {}}});
  EXPECT_TRUE(plan.complete);
  EXPECT_TRUE(plan.rules.enforce);
  EXPECT_EQ(plan.rules.image_device, makedev(8, 17));
  EXPECT_EQ(FlagsOf(plan, "/bin/nc"), kFileDenied);
  EXPECT_EQ(FlagsOf(plan, "/bin/busybox"), kFileDenied | kFileMultiCall);
  ASSERT_EQ(plan.rules.names.size(), 1U);
  EXPECT_EQ(plan.rules.names.front().name, "nc");
  EXPECT_EQ(plan.commands, (std::vector<std::string>{"nc", "/bin/busybox"}));
}

TEST_F(KernelPlanTest, WhatTheKernelCannotKnowIsLeftToFanotify) {
  const auto deny = [](const std::string& command) {
    return CommandRule{.lists = {.deny = {command}, .allow = {}}};
  };
  EXPECT_FALSE(Plan(deny("n*")).complete);
  EXPECT_EQ(FlagsOf(Plan(deny("n*")), "/bin/nc"), kFileDenied);
  EXPECT_FALSE(Plan(deny("/bin/missing")).complete);
  EXPECT_TRUE(Plan(deny("missing")).complete);
  EXPECT_FALSE(Plan({.users = {{{.limited = true}, {.deny = {"nc"}, .allow = {}}}}}).complete);
  EXPECT_FALSE(Plan({.exec_users = {.limited = true}}).complete);
  EXPECT_FALSE(Plan({.exec_allow = std::vector<std::string>{}}).complete);
  EXPECT_FALSE(Plan({.learn = true}).complete);
  EXPECT_TRUE(Plan({.arguments = {{.command = "nc", .deny = {"x"}, .allow = {}}}}).complete);
  EXPECT_TRUE(Plan({.learn = true}).rules.record);
}

TEST_F(KernelPlanTest, WhatOnlyTheAgentCanJudgeNeedsIt) {
  const auto needs = [&](const CommandRule& rule) { return Plan(rule).rules.needs_agent; };
  const auto allow = std::vector<std::string>{"nc", "/bin/missing", "x*"};
  EXPECT_FALSE(needs({.lists = {.deny = {"nc", "missing", "/bin/nc"}, .allow = allow}}));
  EXPECT_FALSE(needs({.drift = Drift::kDeny, .drift_except = {"/missing"}, .learn = true}));
  EXPECT_TRUE(needs({.lists = {.deny = {"n*"}, .allow = {}}}));
  EXPECT_TRUE(needs({.lists = {.deny = {"/bin/missing"}, .allow = {}}}));
  EXPECT_TRUE(needs({.users = {{{.limited = true}, {.deny = {"nc"}, .allow = {}}}}}));
  EXPECT_TRUE(needs({.exec_users = {.limited = true}}));
  EXPECT_TRUE(needs({.exec_allow = std::vector<std::string>{}}));
}

TEST_F(KernelPlanTest, TheLoaderIsForbiddenWhereItWouldGoRoundARule) {
  const std::string loader = "/lib64/ld-linux-x86-64.so.2";
  constexpr int kForbidden = kFileLoader | kFileAllowed;
  EXPECT_EQ(FlagsOf(Plan({.drift = Drift::kDeny}, KernelTier::kKill), loader), kForbidden);
  EXPECT_EQ(FlagsOf(Plan({.drift = Drift::kDeny}, KernelTier::kLsm), loader), kFileAllowed);
  EXPECT_EQ(FlagsOf(Plan({.drift = Drift::kWarn}, KernelTier::kKill), loader), kFileAllowed);
  for (const KernelTier tier : {KernelTier::kKill, KernelTier::kLsm, KernelTier::kFmodRet}) {
    const auto flags = [&](const CommandRule& rule) { return FlagsOf(Plan(rule, tier), loader); };
    EXPECT_EQ(flags({.lists = {.deny = {"nc"}, .allow = {}}}), kForbidden);  // an applet, too
    EXPECT_EQ(flags({.lists = {.deny = {}, .allow = std::vector<std::string>{"nc"}}}), kForbidden);
    EXPECT_EQ(flags({.lists = {.deny = {}, .allow = std::vector<std::string>{loader}}}),
              kFileAllowed);
    EXPECT_EQ(flags({.users = {{{.limited = true}, {.deny = {"nc"}, .allow = {}}}}}), kForbidden);
    EXPECT_EQ(flags({.exec_allow = std::vector<std::string>{"sh"}}), kForbidden);
    EXPECT_EQ(flags({.arguments = {{.command = "nc", .deny = {"x"}, .allow = {}}}}), kForbidden);
    EXPECT_EQ(flags({.exec_users = {.limited = true}}), kFileAllowed);
  }
  fs::remove(top_ + "/bin/busybox");
  EXPECT_EQ(FlagsOf(Plan({.lists = {.deny = {"nc"}, .allow = {}}}), loader), kFileAllowed);
}

TEST_F(KernelPlanTest, AnExceptedDirectoryIsThatOfItsMount) {
  const KernelPlan plan =
      Plan({.drift = Drift::kDeny, .drift_except = {"/build", "/missing"}}, KernelTier::kKill);
  EXPECT_EQ(FlagsOf(plan, "/build", makedev(0, 70)), kExceptDirectory);
  EXPECT_EQ(plan.rules.drift, KernelDrift::kDeny);
  EXPECT_FALSE(plan.complete);
}

TEST(KernelPlan, TellsAPersonWhatWasDecided) {
  const std::vector<std::string> commands = {"nc"};
  KernelEvent event{.cause = KernelCause::kName, .rule = 0, .filename = "/bin/nc"};
  event.decision = KernelDecision::kKilled;
  EXPECT_EQ(FindingOf(event, commands).rule, "commands.deny");
  EXPECT_EQ(FindingOf(event, commands).reason, "\"/bin/nc\" is denied by the command \"nc\"");
  event.cause = KernelCause::kDrift;
  event.mapping = true;
  event.decision = KernelDecision::kWarned;
  EXPECT_EQ(FindingOf(event, commands).rule, "commands.drift");
  EXPECT_FALSE(FindingOf(event, commands).denied);
  EXPECT_NE(FindingOf(event, commands).reason.find("executable in memory"), std::string::npos);
  event.cause = KernelCause::kName;
  event.rule = 9;  // of an agent before this one
  EXPECT_EQ(FindingOf(event, commands).rule, "commands.deny");
}

TEST(KernelPlan, ReadsADeviceNumber) {
  EXPECT_EQ(DeviceOf({.device = "0:53"}), makedev(0, 53));
  EXPECT_EQ(DeviceOf({.device = "x"}), 0U);
  EXPECT_EQ(DeviceOf({.device = "7"}), 0U);
}

}  // namespace
}  // namespace runward
