#include "base/event_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/file.h"

namespace runward {
namespace {

constexpr int64_t kMicrosecond = 1000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kFirstPause = 50 * kMicrosecond;
constexpr int64_t kLongestPause = 2000 * kMicrosecond;

int64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

Result<void> CheckOwner(int fd, const std::string& path, mode_t type) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  if ((info.st_mode & S_IFMT) != type) {
    return Error{"refusing \"" + path + "\": it is not a " +
                     (type == S_IFDIR ? "directory" : "regular file"),
                 "move it away; runward makes a new one"};
  }
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return Error{"refusing \"" + path + "\": it belongs to user " + std::to_string(info.st_uid) +
                     ", not to root",
                 "chown root:root " + path};
  }
  const bool group = (info.st_mode & S_IWGRP) != 0 && info.st_gid != 0;
  if (group || (info.st_mode & S_IWOTH) != 0) {
    return Error{"refusing \"" + path + "\": users other than root may write it",
                 "chmod go-w " + path};
  }
  return {};
}

Result<UniqueFd> OpenDirectory(const std::string& directory) {
  UniqueFd fd(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) {
    TRY(MakeDirectories(directory, true));
    fd = UniqueFd(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  if (!fd.valid()) return ErrnoError("open \"" + directory + "\"", errno);
  TRY(CheckOwner(fd.get(), directory, S_IFDIR));
  return fd;
}

Result<UniqueFd> OpenFile(int directory_fd, const std::string& name, const std::string& path) {
  // O_RDWR never waits at a FIFO, and O_NONBLOCK not at anything else.
  UniqueFd fd(openat(directory_fd, name.c_str(),
                     O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                     0600));
  if (!fd.valid() && errno == ELOOP) {
    return Error{"refusing \"" + path + "\": it is a symbolic link, not a regular file",
                 "move it away; runward makes a new one"};
  }
  if (!fd.valid()) return ErrnoError("open \"" + path + "\"", errno);
  TRY(CheckOwner(fd.get(), path, S_IFREG));
  return fd;
}

Result<void> Lock(int fd, const std::string& path, int64_t patience, int64_t deadline) {
  int64_t pause = kFirstPause;
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return ErrnoError("lock \"" + path + "\"", errno);
    if (MonotonicNs() > deadline) {
      return Error{"lock \"" + path + "\": another process has held it for " +
                       std::to_string(patience / kSecond) + " s",
                   "find and end that process: lslocks | grep " + path.substr(path.rfind('/') + 1)};
    }
    const timespec wait{.tv_sec = 0, .tv_nsec = pause};
    nanosleep(&wait, nullptr);
    pause = std::min(pause * 2, kLongestPause);
  }
  return {};
}

}  // namespace

void LockedLogFile::Unlock() const { flock(fd.get(), LOCK_UN); }

Result<LockedLogFile> LockLogFile(const std::string& directory, const std::string& name,
                                  int64_t patience) {
  LockedLogFile file;
  file.path = directory + "/" + name;
  file.directory = TRY(OpenDirectory(directory));
  const int64_t deadline = MonotonicNs() + patience;
  while (true) {
    file.fd = TRY(OpenFile(file.directory.get(), name, file.path));
    TRY(Lock(file.fd.get(), file.path, patience, deadline));
    // While we waited, the file may have been rotated away; its place in the chain is taken.
    struct stat locked {};
    struct stat current {};
    if (fstat(file.fd.get(), &locked) != 0) return ErrnoError("stat \"" + file.path + "\"", errno);
    file.size = locked.st_size;
    const int found = fstatat(file.directory.get(), name.c_str(), &current, AT_SYMLINK_NOFOLLOW);
    if (found != 0 && errno != ENOENT) return ErrnoError("stat \"" + file.path + "\"", errno);
    if (found == 0 && locked.st_dev == current.st_dev && locked.st_ino == current.st_ino) break;
    if (MonotonicNs() > deadline) {
      return Error{"open \"" + file.path + "\": it is replaced over and over", ""};
    }
  }
  return file;
}

Result<void> AppendWhole(const LockedLogFile& file, const std::string& bytes) {
  const ssize_t written = write(file.fd.get(), bytes.data(), bytes.size());
  if (written == static_cast<ssize_t>(bytes.size())) return {};
  const int reason = written < 0 ? errno : ENOSPC;
  Error error = ErrnoError("write \"" + file.path + "\"", reason);
  if (reason == ENOSPC || reason == EDQUOT) error.hint = "free space on the log's file system";
  if (written > 0 && ftruncate(file.fd.get(), file.size) != 0) {
    error.message += "; its last record is incomplete";
  }
  return error;
}

}  // namespace runward
