#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"

namespace runward {

// What runwardctl was called with: `args` after the command's words. --runward-root has been taken.
struct CommandLine {
  Paths paths;
  std::span<const std::string> args;
};

// Exit codes: 0 done, 1 error, 2 a policy's or verdict's "no" (or wrong usage).
using CommandFunction = int (*)(const CommandLine&);

struct Command {
  std::string_view words;     // "policy check"
  std::string_view synopsis;  // "policy check [FILE]"
  std::string_view help;      // one line
  CommandFunction run;
};

// All families' commands, as main joins them.
std::vector<Command> AllCommands();

// One table per command family, sorted by words.
std::span<const Command> PolicyCommands();
std::span<const Command> VerdictCommands();
std::span<const Command> ReportCommands();
std::span<const Command> SetupCommands();
std::span<const Command> VaultCommands();

}  // namespace runward
