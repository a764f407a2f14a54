#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "shim/grammar.h"

namespace runward {

// The runtime that does the work, as runtime.json names it or as found in a fixed list. Neither
// PATH nor the environment has a say, so that nobody but root chooses what runs as root.
struct RealRuntime {
  std::string path;      // as configured: argv[0], by which crun tells its handlers apart
  std::string resolved;  // what is executed: symlinks resolved, root's alone to write
  Grammar grammar = Grammar::kUnknown;
  std::vector<std::string> args;  // runtime.json's "args": global options put before the engine's
};

inline constexpr size_t kMaxRuntimeFileBytes = 64 << 10;

// Fails when the file is wrong or not root's, when what it names is missing, not executable,
// writable by others, or runward itself (the same file, or a copy of it).
Result<RealRuntime> FindRealRuntime(const Paths& paths);

// Replaces this process, or says why that failed. `argv` without its first.
Error ExecRealRuntime(const RealRuntime& runtime, std::span<const std::string> argv);

// The argument vector for exec: pointers into `runtime` and `argv`, and a null.
std::vector<char*> ExecArguments(const RealRuntime& runtime, std::span<const std::string> argv);

// By the program's name: "runc", "runc.real", "crun-1.8"; anything else is unknown.
Grammar GrammarOf(std::string_view path);

}  // namespace runward
