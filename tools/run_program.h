#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace runward {

struct ProgramOutput {
  int status = 0;    // exit code; 128 and the signal's number when one ended it
  std::string text;  // stdout and stderr together, up to 64 KiB
};

// Runs a program of the system to its end, by absolute path, with an empty stdin and none of our
// environment: what a caller's PATH or DPKG_ROOT says has no part in it.
Result<ProgramOutput> RunProgram(const std::vector<std::string>& words);

}  // namespace runward
