#include "agent/exec_stage.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace runward {
namespace {

constexpr std::string_view kAsks =
    "[<0>] fanotify_handle_event+0xb93/0x1b70\n[<0>] fsnotify+0x392/0xfb0\n"
    "[<0>] do_dentry_open+0x144/0x430\n[<0>] do_open_execat+0x5d/0x120\n";
constexpr std::string_view kCalled = "[<0>] __x64_sys_execve+0x34/0x50\n";

std::string Stack(std::string_view between) {
  return std::string(kAsks).append(between).append(kCalled);
}

TEST(ExecStage, AnInterpreterIsOpenedByWhatLoadsItsProgram) {
  EXPECT_EQ(OpenedIn(Stack("[<0>] alloc_bprm+0x20/0x220\n")), OpenedAs::kProgram);
  EXPECT_EQ(OpenedIn(Stack("[<0>] open_exec+0x26/0x60\n[<0>] load_script+0x1b1/0x18a0\n")),
            OpenedAs::kProgram);
  for (const char* loads : {"load_elf_binary", "compat_load_elf_binary", "load_elf_fdpic_binary"}) {
    const std::string line =
        "[<0>] open_exec+0x26/0x60\n[<0>] " + std::string(loads) + "+0x1/0x2\n";
    EXPECT_EQ(OpenedIn(Stack(line)), OpenedAs::kInterpreter) << loads;
  }
}

TEST(ExecStage, HalfAStackSaysNothing) {
  EXPECT_EQ(OpenedIn(""), OpenedAs::kUnknown);
  EXPECT_EQ(OpenedIn(kAsks), OpenedAs::kUnknown);
  EXPECT_EQ(OpenedIn(kCalled), OpenedAs::kUnknown);
  EXPECT_EQ(OpenedIn("[<0>] 0xffffffff81000000\n"), OpenedAs::kUnknown);
  // What is left of an earlier call lies further in than the asking.
  EXPECT_EQ(OpenedIn("[<0>] load_elf_binary+0x1/0x2\n" + Stack("")), OpenedAs::kProgram);
}

TEST(ExecStage, ATaskThatIsInNoSuchCallIsWaitedForAndNotTold) {
  EXPECT_EQ(OpenedBy(getpid()), OpenedAs::kUnknown);
}

// A group of events can be of as many that were killed together.
TEST(ExecStage, OneThatWasKilledIsNotWaitedForEvenBeforeItsParentNotices) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(OpenedBy(child), OpenedAs::kUnknown);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace runward
