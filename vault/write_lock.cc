#include "vault/write_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/file.h"

namespace runward {
namespace {

constexpr int kPauseMs = 10;

Error Busy(const std::string& path) {
  return {"the vault \"" + path + "\" is locked by another writer",
          "wait for it; fuser " + path + " shows which process it is"};
}

// Whether the descriptor is the file that `path` names now.
Result<bool> StillNamed(int fd, const std::string& path) {
  struct stat open_file {};
  struct stat named {};
  if (fstat(fd, &open_file) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  if (stat(path.c_str(), &named) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  return open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

Result<void> Lock(int fd, const std::string& path, int& wait_ms) {
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return ErrnoError("lock \"" + path + "\"", errno);
    if (wait_ms <= 0) return Busy(path);
    poll(nullptr, 0, kPauseMs);
    wait_ms -= kPauseMs;
  }
  return {};
}

}  // namespace

Result<UniqueFd> LockForWriting(const std::string& path, int wait_ms) {
  while (true) {
    // The same questions as a reader's: a regular file, ours, no symlink.
    const UniqueFd checked = TRY(OpenTrusted(path, Trust::kOwner));
    const std::string same = "/proc/self/fd/" + std::to_string(checked.get());
    UniqueFd fd(open(same.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd.valid()) return ErrnoError("open \"" + path + "\" for writing", errno);
    TRY(Lock(fd.get(), path, wait_ms));
    // A compaction may have put another file in its place while we waited.
    if (TRY(StillNamed(fd.get(), path))) return fd;
  }
}

}  // namespace runward
