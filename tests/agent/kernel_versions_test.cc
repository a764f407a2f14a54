// What an agent leaves in the kernel, and what the next one, or another version of it, makes of
// that.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "agent/bpf/shared.h"
#include "agent/kernel_commands.h"
#include "agent/kernel_pins.h"
#include "tests/agent/kernel_fixture.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

TEST_F(KernelTest, GoesOnDecidingWhenTheAgentIsGoneAndIsTakenOver) {
  KernelRules rules = Rules();
  rules.files = {{.file = KeyOf(root() + "/bin/plain"), .flags = kFileDenied, .rule = 5}};
  End denied = Denied(*kernel_);
  auto execute = [&] {
    execl((root() + "/bin/plain").c_str(), "plain", nullptr);
    return errno == EPERM ? 101 : 1;
  };
  EXPECT_EQ(RunCode(execute, rules, [&] { kernel_.reset(); }), denied);
  Load();
  EXPECT_EQ(kernel_->Registered(), std::vector<uint64_t>{1});
  std::vector<KernelEvent> events = Events();
  ASSERT_EQ(events.size(), 1U) << "what happened while nobody read";
  EXPECT_EQ(events[0].rule, 5);
  kernel_->Forget(1);
  Load();
  EXPECT_TRUE(kernel_->Registered().empty());
}

TEST_F(KernelTest, AnotherVersionIsReplacedWithItsContainers) {
  KernelRules rules = Rules();
  rules.files = {{.file = KeyOf(root() + "/bin/plain"), .flags = kFileDenied}};
  End denied = Denied(*kernel_);
  auto execute = [&] {
    execl((root() + "/bin/plain").c_str(), "plain", nullptr);
    return errno == EPERM ? 101 : 1;
  };
  // Its programs are the same; all that makes it another is the name of its folder.
  auto upgrade = [&](const std::string& layout) {
    return [this, layout] {
      kernel_.reset();
      fs::rename(pins() + "/" + PinnedVersions(pins())[0], pins() + "/" + layout + "-0-other");
      Load();
    };
  };
  EXPECT_EQ(RunCode(execute, rules,
                    [&] {
                      upgrade(std::to_string(RW_LAYOUT))();
                      EXPECT_EQ(kernel_->Registered(), std::vector<uint64_t>{1});
                      EXPECT_EQ(PinnedVersions(pins()).size(), 1U);
                    }),
            denied);
  EXPECT_EQ(RunCode(execute, rules, upgrade("0")), denied) << "the older one decides";
  EXPECT_TRUE(kernel_->Registered().empty()) << "yet cannot be read";
  EXPECT_EQ(PinnedVersions(pins()).size(), 2U);
  kernel_->DropOlder();
  EXPECT_EQ(PinnedVersions(pins()).size(), 1U);
  EXPECT_EQ(Run(root() + "/bin/plain", {"x"}, rules), denied);
}

// A kernel may load and attach LSM programs and never run them: a virtual machine has such a one.
TEST_F(KernelTest, TheBestThatProvesItselfIsTaken) {
  constexpr KernelTier kAll[] = {KernelTier::kKill, KernelTier::kFmodRet, KernelTier::kLsm};
  std::string own = dir_ + "/own-pins";
  Result<KernelCommands> best = KernelCommands::Load(own, kAll);
  ASSERT_TRUE(best.ok()) << best.error().message;
  EXPECT_EQ(best.value().passed_over().size(), static_cast<size_t>(best.value().tier()));
  for (const std::string& why : best.value().passed_over())
    printf("  passed over: %s\n", why.c_str());
  if (getenv("RUNWARD_KERNEL_TIER") != nullptr) {
    EXPECT_EQ(best.value().tier(), kernel_->tier());
  }
  EXPECT_EQ(PinnedVersions(own).size(), 1U) << "what did not prove itself is gone";
  RemoveKernelCommands(own);
}

}  // namespace
}  // namespace runward
