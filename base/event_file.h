#pragma once

#include <sys/types.h>

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// The current log file, open and locked against other writers until it is unlocked or destroyed.
struct LockedEventFile {
  UniqueFd directory;
  UniqueFd fd;
  std::string path;  // for messages
  off_t size = 0;

  void Unlock() const;
};

// Opens DIRECTORY/events.jsonl, making both when missing (0700 and 0600), and takes its lock.
// Refuses a directory or a file that others could write, and what is not a regular file; never
// follows a link in the file's place, never waits at a FIFO. Waits for the lock no longer than five
// seconds: a stopped process that holds it must not hang every container's start for ever. Only
// root can hold it, because only root can open the file.
Result<LockedEventFile> LockEventFile(const std::string& directory);

}  // namespace runward
