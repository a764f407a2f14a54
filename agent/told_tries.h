#pragma once

#include <cstdint>
#include <map>
#include <string_view>

namespace runward {

// A try that is let through, in audit mode or as drift that only warns, comes up to three times: as
// fanotify's question about executing the file, as its question about opening it where the file is
// denied to readers too, and from the kernel's program at the end of the exec. This remembers what
// was told, so that a try is one event. Containers go by their numbers (agent/watched.h); processes
// have others in the kernel's events where the agent is in a pid namespace. Times are nanoseconds
// of CLOCK_MONOTONIC.
class ToldTries {
 public:
  struct File {
    uint64_t inode = 0;     // st_ino; a filesystem's device has more than one number
    std::string_view name;  // base name, or a path that ends in it
  };

  // fanotify's question about executing `file` was told of.
  void Told(uint64_t container, const File& file, int64_t now);
  // Whether the question about opening it belongs to one that was told; true once for each.
  bool AlsoOpened(uint64_t container, const File& file, int64_t now);
  // Whether the exec that ended at `time` is one that was told; true once for each. A script's ends
  // with its interpreter's file and its own name.
  bool AlsoExecuted(uint64_t container, const File& file, int64_t time);

  // Drops what is older than any event of it can be. To be called about once a second.
  void Forget(int64_t now);

 private:
  struct One {
    uint64_t inode = 0;
    size_t name = 0;  // hash of the base name
    int64_t time = 0;
    bool opened = false;
  };
  std::multimap<uint64_t, One> told_;
};

int64_t MonotonicNow();

}  // namespace runward
