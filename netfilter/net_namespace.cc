#include "netfilter/net_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace runward {
namespace {

Result<UniqueFd> OpenNamespace(const std::string& path, struct stat& info) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || fstat(fd.get(), &info) != 0) return ErrnoError("open \"" + path + "\"", errno);
  return fd;
}

}  // namespace

Result<NetNamespace> NetNamespaceOf(pid_t pid) {
  struct stat ours {};
  struct stat info {};
  (void)TRY(OpenNamespace("/proc/self/ns/net", ours));
  UniqueFd fd = TRY(OpenNamespace("/proc/" + std::to_string(pid) + "/ns/net", info));
  return NetNamespace{.fd = std::move(fd),
                      .inode = info.st_ino,
                      .is_ours = info.st_ino == ours.st_ino && info.st_dev == ours.st_dev};
}

Result<bool> InHostsNetwork(pid_t pid) { return IsHostsNetwork(TRY(NetNamespaceOf(pid))); }

Result<bool> IsHostsNetwork(const NetNamespace& space) {
  struct stat host {};
  struct stat info {};
  if (stat("/proc/1/ns/net", &host) != 0) return ErrnoError("look at \"/proc/1/ns/net\"", errno);
  if (fstat(space.fd.get(), &info) != 0) return ErrnoError("look at a network namespace", errno);
  return space.is_ours || (info.st_ino == host.st_ino && info.st_dev == host.st_dev);
}

Result<InNetNamespace> InNetNamespace::Enter(const NetNamespace& space) {
  UniqueFd before(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!before.valid()) return ErrnoError("open \"/proc/thread-self/ns/net\"", errno);
  if (setns(space.fd.get(), CLONE_NEWNET) != 0) {
    return ErrnoError("enter the container's network namespace", errno);
  }
  return InNetNamespace(std::move(before));
}

InNetNamespace::~InNetNamespace() {
  if (before_.valid() && setns(before_.get(), CLONE_NEWNET) != 0) std::abort();
}

}  // namespace runward
