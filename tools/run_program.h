#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace runward {

struct ProgramOutput {
  int status = 0;    // exit code; 128 and the signal's number when one ended it
  std::string text;  // stdout and stderr together, up to 64 KiB
};

// What a program is run with, beyond its words.
struct ProgramSetting {
  std::string input;          // its stdin; at most 4 KiB, which a pipe holds
  bool environment = false;   // ours, but for PATH: what a person's own helper needs
  bool errors_apart = false;  // stderr is dropped, not part of the text
  int seconds = 0;            // then it is killed, and that is an Error; 0: never
};

// Runs a program of the system to its end, by absolute path, with an empty stdin and none of our
// environment, unless `setting` says otherwise: what a caller's PATH or DPKG_ROOT says has no part
// in it.
Result<ProgramOutput> RunProgram(const std::vector<std::string>& words,
                                 const ProgramSetting& setting = {});

}  // namespace runward
