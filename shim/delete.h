#pragma once

#include "base/result.h"
#include "shim/request.h"

namespace runward {

// Runs the real runtime's delete as a child, in this process' place as far as anyone can tell
// (stdin, fds, environment, signals, exit code), removes the records of containers that are gone,
// and exits. Returns only when the child could not be made or the program not be executed.
Error DeleteThenSweep(Request& request);

}  // namespace runward
