#include "agent/watch_volumes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <string>

#include "agent/fanotify_group.h"

namespace runward {
namespace {

Watched Container() {
  Watched container;
  container.record.mode = Mode::kEnforce;
  container.needs_agent = true;
  const auto add = [&](uint64_t id, const char* device, const char* type, Watch watch) {
    container.mounts.push_back({.place = "/" + std::to_string(id),
                                .mount = {.id = id, .device = device, .type = type},
                                .watch = watch});
  };
  add(1, "0:50", "overlay", Watch::kOwn);
  add(2, "8:1", "ext4", Watch::kShared);
  add(3, "0:51", "proc", Watch::kNothing);
  add(4, "0:52", "fuse.sshfs", Watch::kShared);
  add(5, "0:53", "nfs4", Watch::kShared);
  add(6, "0:54", "btrfs", Watch::kShared);
  return container;
}

std::vector<uint64_t> Ids(const std::vector<AskedMount>& mounts) {
  std::vector<uint64_t> ids;
  ids.reserve(mounts.size());
  for (const AskedMount& one : mounts) ids.push_back(one.id);
  return ids;
}

TEST(WatchVolumes, AsksAboutSharedFilesystemsThatNoServerAnswersFor) {
  Watched container = Container();
  const FanotifyWatch alone;
  const FanotifyWatch behind{.behind = KernelTier::kKill};
  EXPECT_EQ(Ids(MountsToAsk(container, behind)), (std::vector<uint64_t>{2, 6}));
  EXPECT_EQ(Ids(MountsToAsk(container, alone)), (std::vector<uint64_t>{2, 6}));
  // All that is ruled there the kernel's program knows.
  container.needs_agent = false;
  EXPECT_TRUE(MountsToAsk(container, behind).empty());
  EXPECT_EQ(MountsToAsk(container, alone).size(), 2U);
}

TEST(WatchVolumes, KnowsAFilesDeviceAsItsMountHasIt) {
  Watched container;
  container.asked = {makedev(0, 50)};
  container.volumes = {{.id = 2, .device = makedev(8, 1)}, {.id = 6, .device = makedev(0, 54)}};
  container.root_device = makedev(0, 50);
  EXPECT_EQ(DeviceAsked(container, makedev(0, 50), 1), makedev(0, 50));
  EXPECT_EQ(DeviceAsked(container, makedev(8, 1), 99), makedev(8, 1));
  // A subvolume of btrfs has a number that no mount has; an overlay's lower layer may, too.
  EXPECT_EQ(DeviceAsked(container, makedev(0, 77), 6), makedev(0, 54));
  EXPECT_EQ(DeviceAsked(container, makedev(0, 78), 1), makedev(0, 50));
  EXPECT_TRUE(AsksAbout(container, makedev(8, 1)));
  EXPECT_FALSE(AsksAboutAll(container, makedev(8, 1)));
  EXPECT_TRUE(AsksAboutAll(container, makedev(0, 50)));
  EXPECT_FALSE(AsksAbout(container, makedev(0, 77)));
  KernelEvent event{.cause = KernelCause::kDrift, .file = {.device = makedev(8, 1)}};
  EXPECT_TRUE(WasAsked(container, event));
  event.cause = KernelCause::kUnasked;
  EXPECT_FALSE(WasAsked(container, event));
  event.file.device = makedev(0, 50);
  EXPECT_TRUE(WasAsked(container, event));
  event.mapping = true;
  EXPECT_FALSE(WasAsked(container, event));
}

// A filesystem at /mnt whose directory a is at b as well, in a mount namespace of its own.
bool MountTwice() {
  return unshare(CLONE_NEWNS) == 0 && mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0 &&
         mount("runward-test", "/mnt", "tmpfs", 0, "") == 0 && mkdir("/mnt/a", 0700) == 0 &&
         mkdir("/mnt/b", 0700) == 0 && mount("/mnt/a", "/mnt/b", "", MS_BIND, "") == 0;
}

std::string DeviceOfFile(int file) {
  struct stat info {};
  if (fstat(file, &info) != 0) return "";
  return std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
}

// The steps that failed.
std::string WatchOneOfTwo() {
  if (!MountTwice()) return "mount";
  const UniqueFd there(open("/mnt/b", O_PATH | O_CLOEXEC));
  const UniqueFd beside(open("/mnt/a", O_PATH | O_CLOEXEC));
  const UniqueFd group = OpenFanotify().value();
  if (!WatchThroughMount(group.get(), LinkTo(there.get())).ok()) return "watch";
  const Marked marked = MarkedIn(group.get());
  if (marked.mounts.size() != 1) return "no mark";
  const uint64_t id = *marked.mounts.begin();
  const Mount mount{.id = id, .device = DeviceOfFile(there.get())};
  const UniqueFd found = OpenMount(getpid(), mount);
  const std::map<std::string, bool> steps = {
      {"marks a filesystem", marked.filesystems.empty()},
      {"is on the mount", LiesOnMount(there.get(), id)},
      {"is on another", !LiesOnMount(beside.get(), id)},
      {"finds it again", found.valid() && LiesOnMount(found.get(), id)},
      {"finds none of another device", !OpenMount(getpid(), {.id = id, .device = "0:0"}).valid()},
      {"marks of no group", MarkedIn(-1).mounts.empty()}};
  std::string failed;
  for (const auto& [step, passed] : steps) failed += passed ? "" : step + "; ";
  return failed;
}

TEST(WatchVolumes, TheKernelMarksOneMountAndNotTheFilesystem) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const pid_t child = fork();
  if (child == 0) {
    const std::string failed = WatchOneOfTwo();
    (void)!write(STDERR_FILENO, failed.data(), failed.size());
    _exit(failed.empty() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace runward
