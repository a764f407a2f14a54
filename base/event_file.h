#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// A file that many processes append to, open and locked against the others until it is unlocked or
// destroyed.
struct LockedLogFile {
  UniqueFd directory;
  UniqueFd fd;
  std::string path;  // for messages
  off_t size = 0;

  void Unlock() const;
};

// Opens DIRECTORY/NAME, making both when missing (0700 and 0600), and takes its lock.
// Refuses a directory or a file that others could write, and what is not a regular file; never
// follows a link in the file's place, never waits at a FIFO. Waits for the lock no longer than
// `patience` nanoseconds: a stopped process that holds it must not hang every container's start for
// ever. Only root can hold it, because only root can open the file.
inline constexpr int64_t kLogPatience = 5'000'000'000;
Result<LockedLogFile> LockLogFile(const std::string& directory, const std::string& name,
                                  int64_t patience = kLogPatience);

// One write, or nothing: what a full disk cut off is taken back while the lock is held.
Result<void> AppendWhole(const LockedLogFile& file, const std::string& bytes);

}  // namespace runward
