#include "secrets/tmpfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace runward {
namespace {

// Their wrappers came with glibc 2.36; older ones do not have all.
int FsConfig(int fd, unsigned command, const char* key, const char* value) {
  return static_cast<int>(syscall(SYS_fsconfig, fd, command, key, value, 0));
}

int SetAttributes(int fd, uint64_t set, uint64_t clear, uint64_t propagation = 0) {
  mount_attr attributes{
      .attr_set = set, .attr_clr = clear, .propagation = propagation, .userns_fd = 0};
  return static_cast<int>(
      syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
}

Error TooOld(const char* call) {
  return Error{ErrnoError(std::string(call) + " for a tmpfs of secrets", errno).message,
               "secrets need Linux 5.12 or later"};
}

// This process within the mount namespace of another, until it goes.
class InMountNamespace {
 public:
  static Result<InMountNamespace> Enter(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/ns/mnt";
    UniqueFd own(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
    const UniqueFd theirs(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat here {};
    struct stat there {};
    if (!own.valid() || !theirs.valid() || fstat(own.get(), &here) != 0 ||
        fstat(theirs.get(), &there) != 0) {
      return ErrnoError("open \"" + path + "\"", errno);
    }
    if (here.st_ino == there.st_ino) {
      return Error{"the container shares the host's mounts", "give it a mount namespace"};
    }
    if (setns(theirs.get(), CLONE_NEWNS) != 0) return ErrnoError("enter \"" + path + "\"", errno);
    return InMountNamespace(std::move(own));
  }

  InMountNamespace(InMountNamespace&&) noexcept = default;
  InMountNamespace(const InMountNamespace&) = delete;
  InMountNamespace& operator=(InMountNamespace&&) = delete;
  InMountNamespace& operator=(const InMountNamespace&) = delete;
  ~InMountNamespace() {
    // Whatever was done next would be done in the container.
    if (own_.valid() && setns(own_.get(), CLONE_NEWNS) != 0) std::abort();
  }

 private:
  explicit InMountNamespace(UniqueFd own) : own_(std::move(own)) {}
  UniqueFd own_;
};

constexpr uint64_t kAlways = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

}  // namespace

Result<UniqueFd> NewSecretTmpfs() {
  const UniqueFd context(static_cast<int>(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)));
  if (!context.valid()) return TooOld("fsopen");
  const std::string size = std::to_string(2 * kMostSecretBytes);
  // Unknown before 6.3, and not allowed to who is root of a user namespace only.
  (void)FsConfig(context.get(), FSCONFIG_SET_FLAG, "noswap", nullptr);
  if (FsConfig(context.get(), FSCONFIG_SET_STRING, "source", "runward-secrets") != 0 ||
      FsConfig(context.get(), FSCONFIG_SET_STRING, "size", size.c_str()) != 0 ||
      FsConfig(context.get(), FSCONFIG_SET_STRING, "nr_inodes", "4096") != 0 ||
      FsConfig(context.get(), FSCONFIG_SET_STRING, "mode", "0755") != 0 ||
      FsConfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr) != 0) {
    return TooOld("fsconfig");
  }
  UniqueFd mount(static_cast<int>(syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, kAlways)));
  if (!mount.valid()) return TooOld("fsmount");
  return mount;
}

Result<void> CloseTmpfs(const UniqueFd& tmpfs) {
  // No copy of an unbindable mount is made for the peers of a shared one: move_mount(2) refuses.
  if (SetAttributes(tmpfs.get(), MOUNT_ATTR_RDONLY, 0, MS_UNBINDABLE) == 0) return {};
  return TooOld("mount_setattr");
}

Result<Attached> AttachTmpfs(const UniqueFd& tmpfs, int target, pid_t pid) {
  const InMountNamespace inside = TRY(InMountNamespace::Enter(pid));
  const auto moved = syscall(SYS_move_mount, tmpfs.get(), "", target, "",
                             MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
  if (moved != 0 && errno == EINVAL) return Attached::kRefused;
  if (moved != 0) return ErrnoError("mount the secrets in the container", errno);
  // A replacement of the files is written through a copy of the mount (WritableView).
  if (SetAttributes(tmpfs.get(), 0, 0, MS_PRIVATE) != 0) return TooOld("mount_setattr");
  return Attached::kDone;
}

void Detach(const UniqueFd& tmpfs, pid_t pid) {
  const std::string link = "/proc/self/fd/" + std::to_string(tmpfs.get());
  const auto inside = InMountNamespace::Enter(pid);
  if (inside.ok()) (void)umount2(link.c_str(), MNT_DETACH);
}

Result<UniqueFd> WritableView(int place, pid_t pid, dev_t device) {
  struct stat info {};
  struct statfs kind {};
  if (fstat(place, &info) != 0 || fstatfs(place, &kind) != 0) {
    return ErrnoError("look at the secrets' directory", errno);
  }
  if (info.st_dev != device || kind.f_type != TMPFS_MAGIC) {
    return Error{"something else is mounted over the secrets' directory",
                 "start the container again"};
  }
  UniqueFd view;
  {
    const InMountNamespace inside = TRY(InMountNamespace::Enter(pid));
    view = UniqueFd(static_cast<int>(
        syscall(SYS_open_tree, place, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
    if (!view.valid()) return ErrnoError("open the secrets' mount", errno);
  }
  if (SetAttributes(view.get(), 0, MOUNT_ATTR_RDONLY) != 0) return TooOld("mount_setattr");
  return view;
}

}  // namespace runward
