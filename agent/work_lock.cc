#include "agent/work_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <string>

#include "base/file.h"

namespace runward {
namespace {

std::string FileOf(const Paths& paths) { return paths.run + "/agent.lock"; }

Error Taken(int file) {
  std::array<char, 16> text{};
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  const std::string number(text.data(), static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return {"another runward-agent is at work and does not give way, process " + number,
          "let it go on, or end it: kill -9 " + number};
}

}  // namespace

void AbandonWork(const Paths& paths) { unlink(FileOf(paths).c_str()); }

Result<UniqueFd> LockWork(const Paths& paths, int64_t milliseconds) {
  constexpr int64_t kPause = 10;
  TRY(MakeDirectories(paths.run, /*secret=*/false));
  const std::string path = FileOf(paths);
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return ErrnoError("open \"" + path + "\"", errno);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  while (fcntl(file.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) return ErrnoError("lock \"" + path + "\"", errno);
    if (milliseconds <= 0) return Taken(file.get());
    milliseconds -= kPause;
    const timespec pause{.tv_sec = 0, .tv_nsec = kPause * 1'000'000};
    nanosleep(&pause, nullptr);
  }
  const std::string own = std::to_string(getpid());
  if (ftruncate(file.get(), 0) != 0 || write(file.get(), own.data(), own.size()) < 0) {
    return ErrnoError("write \"" + path + "\"", errno);
  }
  return file;
}

}  // namespace runward
