#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstring>
#include <ctime>

struct stat;

namespace runward {

// Whether a file is still what it was, as far as the kernel tells without a look into it: it can be
// written twice within one tick of the clock that its times come from.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size = -1;  // of none
  timespec modified{};
  timespec changed{};

  bool operator==(const FileStamp& other) const {
    return std::memcmp(this, &other, sizeof *this) == 0;
  }
};

FileStamp StampOf(const struct stat& info);
FileStamp StampOf(const char* path);  // of what links lead to

}  // namespace runward
