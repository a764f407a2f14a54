#include "tools/network_holder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/control_groups.h"
#include "base/fd.h"

namespace runward {
namespace {

// A process in a network namespace of its own that has ended what it does before it pauses.
pid_t Paused(bool withhold) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    bool done = unshare(CLONE_NEWNET) == 0;
    for (const int one : {12, 13}) done = done && (!withhold || prctl(PR_CAPBSET_DROP, one) == 0);
    const char word = done ? 'y' : 'n';
    if (write(ends[1], &word, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char word = 'n';
  EXPECT_EQ(read(ends[0], &word, 1), 1);
  EXPECT_EQ(word, 'y');
  close(ends[0]);
  close(ends[1]);
  return child;
}

void End(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST(NetworkHolderTest, FindsWhoMayHaveThem) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const pid_t free = Paused(/*withhold=*/false);
  EXPECT_EQ(HolderOfNetworkCapabilities(free), free);
  End(free);
}

TEST(NetworkHolderTest, WhereTheyAreWithheldIsNone) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const pid_t held = Paused(/*withhold=*/true);
  EXPECT_EQ(HolderOfNetworkCapabilities(held), 0);
  End(held);
}

TEST(NetworkHolderTest, AGroupOfItsOwnIsLookedAtAlone) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string groups = UnifiedHierarchy();
  if (groups.empty()) GTEST_SKIP() << "no unified hierarchy";
  const std::string group = groups + "/runward-holder-" + std::to_string(getpid());
  if (mkdir(group.c_str(), 0755) != 0) GTEST_SKIP() << "no control group can be made";
  const pid_t held = Paused(/*withhold=*/true);
  std::ofstream(group + "/cgroup.procs") << held;
  EXPECT_EQ(HolderInGroup(held), held) << "it may have SYS_ADMIN";
  End(held);
  EXPECT_EQ(HolderInGroup(held), 0) << "it has ended";
  EXPECT_EQ(rmdir(group.c_str()), 0);
}

}  // namespace
}  // namespace runward
