#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace runward {

// How the real runtime reads its arguments: runc by urfave/cli v1 (Go's flag package), crun by
// glibc's argp. What two runtimes would read differently is accepted only when it is known which of
// them will run.
enum class Grammar : uint8_t { kRunc, kCrun, kUnknown };

enum class Arity : uint8_t {
  kFlag,      // bare; runc also takes --name=true and --name=false
  kValue,     // one value, the last one given counts
  kList,      // one value, every one given counts
  kOptional,  // crun's --tty[=VALUE]
};

// Who knows an option or a subcommand.
enum class In : uint8_t { kRunc = 1, kCrun = 2, kBoth = 3 };

struct Option {
  std::string_view name;
  char letter = '\0';
  Arity arity = Arity::kFlag;
  In in = In::kBoth;
};

// What runward does with a subcommand before the real runtime sees it.
enum class Gate : uint8_t { kPass, kStart, kBegin, kExec, kUpdate, kCheckpoint, kDelete };

inline constexpr uint32_t kAnyNumber = UINT32_MAX;

struct Subcommand {
  std::string_view name;
  std::span<const Option> options;
  Gate gate = Gate::kPass;
  In in = In::kBoth;
  uint32_t min_operands = 1;
  uint32_t max_operands = 1;
  bool container = true;  // the first operand is a container's id
  bool verbatim = false;  // everything after the first operand belongs to a command, untouched
};

// From `runc --help` (1.1.5, with go-runc's newer --pidfd-socket) and `crun --help` (1.8.1, and its
// source for what this build leaves out). Sorted by name; tests compare them with the programs.
std::span<const Option> GlobalOptions();
std::span<const Subcommand> Subcommands();

[[nodiscard]] bool Knows(In in, Grammar grammar);
// The option of that full name or that letter; nullptr when the grammar has none.
const Option* FindOption(std::span<const Option> options, std::string_view name, Grammar grammar);
const Option* FindLetter(std::span<const Option> options, char letter, Grammar grammar);
const Subcommand* FindSubcommand(std::string_view name, Grammar grammar);

}  // namespace runward
