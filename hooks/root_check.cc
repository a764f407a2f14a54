#include "hooks/root_check.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/fd.h"

namespace runward {
namespace {

Result<struct stat> StatOf(int fd, const std::string& name) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return ErrnoError("stat \"" + name + "\"", errno);
  return info;
}

UniqueFd OpenBeneath(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
}

}  // namespace

Result<void> CheckContainerRoot(pid_t pid, const RootIdentity& root) {
  const std::string link = "/proc/" + std::to_string(pid) + "/root";
  const UniqueFd namespace_root(open(link.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!namespace_root.valid()) return ErrnoError("open \"" + link + "\"", errno);
  const UniqueFd own_root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const struct stat there = TRY(StatOf(namespace_root.get(), link));
  const struct stat here = TRY(StatOf(own_root.get(), "/"));
  // A process that had already pivoted could show a copy of the expected path inside a false root.
  if (there.st_dev != here.st_dev || there.st_ino != here.st_ino) {
    return Error{
        "the runtime runs its createRuntime hooks after changing the root, so the root "
        "cannot be checked",
        "use runc 1.1 or crun 1.8 as the real runtime"};
  }
  const UniqueFd found = OpenBeneath(namespace_root.get(), root.path);
  if (!found.valid()) return ErrnoError("open the container's root \"" + root.path + "\"", errno);
  const struct stat info = TRY(StatOf(found.get(), root.path));
  if (info.st_dev == root.device && info.st_ino == root.inode) return {};
  return Error{"a mount of config.json covers the container's root \"" + root.path +
                   "\": it is no longer the filesystem whose image was verified",
               "remove the mount whose destination leads to \"/\""};
}

}  // namespace runward
