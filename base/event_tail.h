#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/event_link.h"
#include "base/result.h"

namespace runward {

// Where a log file ends.
struct LogTail {
  int64_t seq = 0;         // of its last complete record; 0: it holds none
  std::string hash;        // of that record's line; kNoRecord without one
  int64_t torn_bytes = 0;  // after that record: what a writer that died (or a crash) left
};

// Reads the end of a log file of `size` bytes, backwards in small pieces until a complete record is
// found: one read when the log is whole. Memory stays bounded however damaged the file is.
Result<LogTail> ReadLogTail(int fd, off_t size);

}  // namespace runward
