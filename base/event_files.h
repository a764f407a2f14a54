#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace runward {

inline constexpr char kEventFile[] = "events.jsonl";

// A rotated file, events.<its last record's number, 19 digits>.jsonl.
struct RotatedFile {
  std::string name;
  int64_t last_seq = 0;
};

std::string RotatedName(int64_t last_seq);

// The rotated files in the directory open as `directory_fd`, oldest first. Names that are not
// exactly ours are passed over.
Result<std::vector<RotatedFile>> ListRotated(int directory_fd);

}  // namespace runward
