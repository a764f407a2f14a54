// Execs that only the agent can judge: without its word they are killed before they begin.
#include "agent/approved_try.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "tests/agent/kernel_fixture.h"

namespace runward {
namespace {

// This process, as procfs and therefore the agent numbers it, however deep it is itself.
pid_t NumberOutside() {
  std::array<char, 32> text{};
  const ssize_t size = readlink("/proc/self", text.data(), text.size());
  pid_t number = 0;
  if (size > 0) std::from_chars(text.data(), text.data() + size, number);
  return number;
}

class KernelApprovedTryTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    rules_ = Rules();
    rules_.needs_agent = true;
    rules_.asked_devices = {rules_.image_device};
  }
  // As where fanotify has asked about it.
  void LetGoOn(const std::string& path) const {
    const UniqueFd file(open(path.c_str(), O_PATH | O_CLOEXEC));
    Watched container;
    container.needs_agent = true;
    ApproveTry(*kernel_, {&container},
               {.file = file.get(), .task = NumberOutside(), .execute = true});
  }
  // Executes bin/plain, after `approved` was.
  End Plain(const std::string& approved) {
    return RunCode(
        [&] {
          if (!approved.empty()) LetGoOn(approved);
          execl((root() + "/bin/plain").c_str(), "plain", nullptr);
          return 1;
        },
        rules_);
  }

  KernelRules rules_;
};

TEST_F(KernelApprovedTryTest, WhatTheAgentLetGoOnRunsAndNothingElse) {
  EXPECT_EQ(Plain(root() + "/bin/plain"), End::kRan);
  EXPECT_EQ(Plain(""), End::kKilled);
  const std::vector<KernelEvent> events = Events();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().cause, KernelCause::kUnasked);
  EXPECT_EQ(events.back().decision, KernelDecision::kKilled);
  EXPECT_EQ(Plain(root() + "/bin/busybox"), End::kKilled);
}

TEST_F(KernelApprovedTryTest, ItsWordHoldsOnce) {
  const std::string busybox = root() + "/bin/busybox";
  const auto code = [&] {
    LetGoOn(busybox);
    execl(busybox.c_str(), "busybox", "sh", "-c", ("exec " + busybox + " true").c_str(), nullptr);
    return 1;
  };
  EXPECT_EQ(RunCode(code, rules_), End::kKilled);
}

TEST_F(KernelApprovedTryTest, ItIsWantedWhereItIsAskedAndRulesAreEnforced) {
  rules_.enforce = false;
  EXPECT_EQ(Plain(""), End::kRan);
  rules_.enforce = true;
  rules_.needs_agent = false;
  EXPECT_EQ(Plain(""), End::kRan);
  rules_.needs_agent = true;
  rules_.asked_devices = {KeyOf(other()).device};
  EXPECT_EQ(Plain(""), End::kRan);
}

}  // namespace
}  // namespace runward
