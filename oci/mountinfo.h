#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace runward {

// One line of /proc/self/mountinfo (proc_pid_mountinfo(5)), its octal escapes undone.
struct Mount {
  uint64_t id = 0;
  std::string device;   // "8:1": of the filesystem
  std::string root;     // the part of the filesystem that is mounted; "/" for all of it
  std::string point;    // where
  std::string options;  // per mount: "rw,relatime"
  std::string type;     // "overlay"
  std::string super;    // the filesystem's options, "lowerdir=...", escapes left as they are
  uint64_t parent = 0;  // the id of the mount that it is mounted on
};

// nullopt for a line that is not one.
std::optional<Mount> ParseMountLine(std::string_view line);

// "\040" is a space: three octal digits after a backslash. Anything else stays.
std::string UnescapeMount(std::string_view text);

// The mount that an open file or directory (O_PATH will do) lies on: the one with the id that
// statx(2) gives, so that a name which changes meanwhile cannot matter. Reads mountinfo in pieces;
// an Error when the mount is not listed.
Result<Mount> MountOf(int fd);

// All of /proc/self/mountinfo.
Result<std::vector<Mount>> AllMounts();

}  // namespace runward
