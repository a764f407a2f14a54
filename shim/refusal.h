#pragma once

#include <string>

#include "shim/argv.h"

namespace runward {

// Why a call does not reach the real runtime, for the person who made it.
struct Refusal {
  std::string message;
  int exit_code = 1;  // as runc: 255 for exec, whose lower codes are the command's own
};

// Writes the refusal where the engine looks: one JSON object (or, unless --log-format=json, one
// line of text) appended to --log, and one line on stderr. A log that cannot be opened without
// following a symlink or waiting is left out. Returns the exit code.
int Tell(const Invocation& call, const Refusal& refusal);

}  // namespace runward
