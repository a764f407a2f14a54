#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/command.h"

namespace runward {

// What runwardctl does for `args` (without its own name): finds the command by its words, or helps.
// Returns the exit code.
int Dispatch(std::span<const std::string> args, const std::vector<Command>& commands);

}  // namespace runward
