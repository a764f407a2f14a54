#include "tools/private_memory.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/fd.h"
#include "tools/console.h"

namespace runward {
namespace {

Result<void> MountHere(const std::string& directory) {
  constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  // What the parent had locked is not locked in a child (mlock(2)).
  if (mlockall(MCL_CURRENT) != 0) return ErrnoError("lock memory", errno);
  if (unshare(CLONE_NEWNS) != 0) return ErrnoError("make a mount namespace", errno);
  // Nothing of what is mounted from here on is seen outside.
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return ErrnoError("make mounts private", errno);
  }
  if (mount("runward", directory.c_str(), "ramfs", kFlags, "mode=0700") != 0) {
    return ErrnoError("mount a ramfs on \"" + directory + "\"", errno);
  }
  return {};
}

// In the child: exit code 0 when all went well; what did not is printed here.
int Work(const std::string& directory, const PrivateWork& work, int out) {
  Result<void> done = MountHere(directory);
  if (!done.ok()) done = Error{done.error().message, "call as root, or use vault get and put"};
  if (done.ok()) done = work(directory, out);
  return done.ok() ? 0 : PrintError(done.error());
}

}  // namespace

Result<void> WithPrivateMemory(const std::string& directory, const PrivateWork& work,
                               const PrivateRead& read) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoError("make a pipe", errno);
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  const pid_t child = fork();
  if (child < 0) return ErrnoError("fork", errno);
  if (child == 0) _exit(Work(directory, work, out.get()));
  out = UniqueFd();
  Result<void> taken = read(in.get());
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) return Error{"nothing was changed", ""};
  return taken;
}

}  // namespace runward
