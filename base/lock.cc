#include "base/lock.h"

#include <sys/file.h>

#include <cerrno>
#include <ctime>

namespace runward {

bool LockWithin(int fd, int operation, int milliseconds) {
  for (int waited = 0; flock(fd, operation | LOCK_NB) != 0; ++waited) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (waited >= milliseconds) {
      errno = EWOULDBLOCK;
      return false;
    }
    const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

}  // namespace runward
