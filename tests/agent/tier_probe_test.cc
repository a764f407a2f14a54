#include "agent/tier_probe.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace runward {
namespace {

// Whether the probe fails in a process for which the call fails with ENOSYS.
bool FailsWithout(int call, Result<void> (*probe)()) {
  const pid_t child = fork();
  if (child == 0) {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{.len = 4, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(3);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(3);
    _exit(probe().ok() ? 1 : 0);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(TierProbe, NotificationProvesItselfForAnybody) {
  const Result<void> proven = ProveNotification();
  ASSERT_TRUE(proven.ok()) << proven.error().message;
  EXPECT_TRUE(FailsWithout(SYS_seccomp, ProveNotification));
}

TEST(TierProbe, FanotifyProvesItselfForRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const Result<void> proven = ProveFanotify();
  ASSERT_TRUE(proven.ok()) << proven.error().message;
  EXPECT_TRUE(FailsWithout(SYS_fanotify_mark, ProveFanotify));
}

TEST(TierProbe, AProgramIsToldFromItsInterpreter) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const Result<void> proven = ProveStages();
  ASSERT_TRUE(proven.ok()) << proven.error().message;
  EXPECT_TRUE(FailsWithout(SYS_fanotify_mark, ProveStages));
}

}  // namespace
}  // namespace runward
