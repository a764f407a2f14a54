// The dynamic loader executed by itself, under the rules that PlanForKernel makes: what it maps is
// another program, about which the kernel's programs hear less.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

#include "agent/kernel_plan.h"
#include "tests/agent/kernel_fixture.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

class KernelLoaderTest : public KernelTest {
 protected:
  static constexpr char kName[] = "/lib64/ld-linux-x86-64.so.2";
  static constexpr char kElsewhere[] = "/opt/start";  // known to nobody

  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const char* directory : {"/lower/lib64", "/lower/opt"}) {
      fs::create_directories(dir_ + directory);
    }
    fs::copy_file(kName, dir_ + "/lower" + kName);
    fs::copy_file(kName, dir_ + "/lower" + kElsewhere);
    fs::copy_file("/bin/true", dir_ + "/lower/opt/tool");
    fs::copy_file("/bin/true", dir_ + "/lower/bin/coreutils");
  }

  KernelRules Planned(const CommandRule& rule) {
    Watched container;
    struct stat info {};
    EXPECT_EQ(stat(root().c_str(), &info), 0);
    const std::string device =
        std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
    container.mounts.push_back({.place = "/", .mount = {.device = device, .type = "overlay"}});
    container.rule = rule;
    container.record.mode = Mode::kEnforce;
    const UniqueFd directory(open(root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    container.files = FindCommandFiles(directory.get(), rule);
    return PlanForKernel(container, kernel_->tier()).rules;
  }

  // `ld.so PROGRAM WORD`
  End Load(const std::string& program, const CommandRule& rule, const std::string& word = "x") {
    return Run(root() + kName, {"ld.so", root() + program, word}, Planned(rule));
  }
};

TEST_F(KernelLoaderTest, ProgramsAreNotMappedRoundARule) {
  const auto listed = [](const std::string& command) {
    return CommandRule{.lists = {.deny = {}, .allow = std::vector<std::string>{command}}};
  };
  // Started as programs are, by their interpreter.
  EXPECT_EQ(Run(root() + "/opt/tool", {"tool"}, Planned(listed("/opt/tool"))), End::kRan);
  EXPECT_EQ(Load("/opt/tool", {}), End::kRan);
  const End denied = Denied(*kernel_);
  EXPECT_EQ(Load("/opt/tool", listed("sh")), denied);
  EXPECT_EQ(Load("/opt/tool", listed("/opt/tool")), denied);
  EXPECT_EQ(Load("/opt/tool", listed(kName)), End::kRan);
  EXPECT_EQ(Load("/opt/tool", {.arguments = {{"/opt/tool", {"push"}, {}}}}, "push"), denied);
  EXPECT_EQ(Load("/opt/tool", {.users = {{{}, {.deny = {"/opt/tool"}, .allow = {}}}}}), denied);
  EXPECT_EQ(Load("/opt/tool", {.exec_allow = std::vector<std::string>{"sh"}}), denied);
  EXPECT_EQ(Load("/bin/coreutils", {.lists = {.deny = {"nc"}, .allow = {}}}, "nc"), denied);
}

TEST_F(KernelLoaderTest, WhereMappingsAreSeenALoaderElsewhereGoesRoundNoRuleEither) {
  if (kernel_->tier() == KernelTier::kKill) GTEST_SKIP() << "the agent sees it there";
  const auto load = [&](const std::string& program, const CommandRule& rule) {
    return Run(root() + kElsewhere, {"ld.so", root() + program, "nc"}, Planned(rule));
  };
  const CommandRule applets{.lists = {.deny = {"nc"}, .allow = {}}};
  const CommandRule arguments{.arguments = {{"/opt/tool", {"nc"}, {}}}};
  EXPECT_EQ(load("/bin/coreutils", {}), End::kRan);
  EXPECT_EQ(load("/bin/coreutils", applets), End::kOther);  // it says that it cannot map it
  EXPECT_EQ(load("/opt/tool", arguments), End::kOther);
  EXPECT_EQ(load("/opt/tool", {.arguments = {{"tool", {"nc"}, {}}}}), End::kOther);
  const std::vector<KernelEvent> events = Events();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().cause, KernelCause::kLoader);
  EXPECT_TRUE(events.back().mapping);
  // As programs are started, and of what no rule is.
  EXPECT_EQ(Run(root() + "/bin/coreutils", {"coreutils", "true"}, Planned(applets)), End::kRan);
  EXPECT_EQ(Run(root() + "/opt/tool", {"tool", "x"}, Planned(arguments)), End::kRan);
  EXPECT_EQ(load("/opt/tool", applets), End::kRan);
}

TEST_F(KernelLoaderTest, WhereMappingsAreSeenDriftForbidsNoLoader) {
  const End expected = kernel_->tier() == KernelTier::kKill ? End::kKilled : End::kRan;
  KernelRules rules = Planned({.drift = Drift::kDeny});
  rules.trusted_devices = {KeyOf("/lib").device};  // of the libraries, which are the host's here
  EXPECT_EQ(Run(root() + kName, {"ld.so", root() + "/opt/tool"}, rules), expected);
}

}  // namespace
}  // namespace runward
