// Execs that only the agent can judge: without its word they are refused, or killed before they
// begin.
#include "agent/approved_try.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <thread>

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
    plain_ = root() + "/bin/plain";
  }
  // As where fanotify has asked about it.
  void LetGoOn(const std::string& path) const {
    const UniqueFd file(open(path.c_str(), O_PATH | O_CLOEXEC));
    Watched container;
    container.needs_agent = true;
    container.asked = {KeyOf(other()).device};
    container.root_device = rules_.image_device;
    ApproveTry(*kernel_, {&container},
               {.file = file.get(), .task = NumberOutside(), .execute = true});
  }
  // Executes it, after something else in the child.
  End Execute(const std::string& path, const std::function<void()>& before) {
    return RunCode(
        [&] {
          before();
          return Begin(path);
        },
        rules_);
  }
  static int Begin(const std::string& path) {
    constexpr int kRefused = 101;  // tests/agent/kernel_fixture.cc
    execl(path.c_str(), "plain", nullptr);
    return errno == EPERM ? kRefused : 1;
  }
  // Executes bin/plain, after `approved` was.
  End Plain(const std::string& approved) {
    return Execute(plain_, [&] {
      if (!approved.empty()) LetGoOn(approved);
    });
  }
  // Executes it, after the agent has said that this file may be, to that user.
  End ByWord(const std::string& path, const FileKey& file, uint32_t user) {
    return Execute(path, [&] { kernel_->Approve(NumberOutside(), file, user); });
  }

  KernelRules rules_;
  std::string plain_;
};

TEST_F(KernelApprovedTryTest, WhatTheAgentLetGoOnRunsAndNothingElse) {
  EXPECT_EQ(Plain(plain_), End::kRan);
  EXPECT_EQ(Plain(""), Denied(*kernel_));
  const std::vector<KernelEvent> events = Events();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().cause, KernelCause::kUnasked);
  EXPECT_EQ(events.back().decision, kernel_->tier() == KernelTier::kKill ? KernelDecision::kKilled
                                                                         : KernelDecision::kDenied);
  EXPECT_EQ(Plain(root() + "/bin/busybox"), Denied(*kernel_));
}

TEST_F(KernelApprovedTryTest, ItsWordIsWantedWhereverTheFileLies) {
  const std::string elsewhere = other() + "/plain";
  std::filesystem::copy_file(plain_, elsewhere);
  EXPECT_EQ(Execute(elsewhere, [] {}), Denied(*kernel_));
  EXPECT_EQ(Execute(elsewhere, [&] { LetGoOn(elsewhere); }), End::kRan);
  // From memory, where nobody ever is asked.
  const auto from_memory = [&] {
    const UniqueFd memory(memfd_create("plain", MFD_CLOEXEC));
    const UniqueFd file(open(plain_.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    if (fstat(file.get(), &info) != 0) return 1;
    if (sendfile(memory.get(), file.get(), nullptr, static_cast<size_t>(info.st_size)) <= 0) {
      return 1;
    }
    return Begin("/proc/self/fd/" + std::to_string(memory.get()));
  };
  EXPECT_EQ(RunCode(from_memory, Rules()), End::kRan);
  EXPECT_EQ(RunCode(from_memory, rules_), Denied(*kernel_));
}

TEST_F(KernelApprovedTryTest, ItsWordIsAboutOneFileOfOneFilesystem) {
  const FileKey plain = KeyOf(plain_);
  EXPECT_EQ(ByWord(plain_, plain, 0), End::kRan);
  EXPECT_EQ(ByWord(plain_, {.device = KeyOf(other()).device, .inode = plain.inode}, 0),
            Denied(*kernel_));
}

TEST_F(KernelApprovedTryTest, ItsWordIsAboutWhoAsked) {
  EXPECT_EQ(ByWord(plain_, KeyOf(plain_), 1000), Denied(*kernel_));
  // But for a file that makes him somebody else.
  std::filesystem::permissions(plain_, std::filesystem::perms::set_uid,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(ByWord(plain_, KeyOf(plain_), 1000), End::kRan);
}

TEST_F(KernelApprovedTryTest, ItsWordIsNotInheritedWithAProcessNumber) {
  const auto run = [&](bool begun) {
    const auto code = [&] {
      // Far from those that are given out now, and below the least pid_max.
      pid_t numbers[2] = {7, 301 + (NumberOutside() + 16000) % 32000};
      const auto approve = [&] { kernel_->Approve(numbers[1], KeyOf(plain_), 0); };
      if (!begun) approve();
      clone_args how{};
      how.exit_signal = SIGCHLD;
      how.set_tid = reinterpret_cast<uint64_t>(numbers);
      how.set_tid_size = 2;
      const auto child = static_cast<pid_t>(syscall(SYS_clone3, &how, sizeof how));
      if (child == 0) {
        if (begun) approve();
        _exit(Begin(plain_));
      }
      int status = 0;
      if (child < 0 || waitpid(child, &status, 0) != child) return 1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    };
    return RunCode(code, rules_);
  };
  EXPECT_EQ(run(true), End::kRan);
  EXPECT_NE(run(false), End::kRan);
}

TEST_F(KernelApprovedTryTest, AThreadThatExecutesIsItsProcess) {
  const auto code = [&] {
    LetGoOn(plain_);
    int result = 1;
    std::thread([&] { result = Begin(plain_); }).join();
    return result;
  };
  EXPECT_EQ(RunCode(code, rules_), End::kRan);
}

TEST_F(KernelApprovedTryTest, ItsWordHoldsOnce) {
  const std::string busybox = root() + "/bin/busybox";
  const auto code = [&] {
    LetGoOn(busybox);
    execl(busybox.c_str(), "busybox", "sh", "-c", ("exec " + busybox + " true").c_str(), nullptr);
    return 1;
  };
  EXPECT_NE(RunCode(code, rules_), End::kRan);
}

TEST_F(KernelApprovedTryTest, ItIsWantedWhereRulesAreLeftToItAndToldWhereTheyAreAudited) {
  rules_.needs_agent = false;
  EXPECT_EQ(Plain(""), End::kRan);
  rules_.needs_agent = true;
  rules_.enforce = false;
  Events();
  EXPECT_EQ(Plain(""), End::kRan);
  const std::vector<KernelEvent> events = Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().cause, KernelCause::kUnasked);
  EXPECT_EQ(events.front().decision, KernelDecision::kWouldDeny);
}

}  // namespace
}  // namespace runward
