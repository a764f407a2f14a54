#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "shim/grammar.h"

namespace runward {

// One option as it was given. A flag that is given as false is left out.
struct Given {
  const Option* option = nullptr;
  std::string value;       // "" for a flag
  bool has_value = false;  // tells crun's --tty from --tty=VALUE
  bool by_letter = false;
};

enum class Ask : uint8_t { kCommand, kHelp, kVersion };

// A call of the runtime, understood. What the gates judge and what the real runtime is given are
// both made from this, so that they cannot differ.
struct Invocation {
  Grammar grammar = Grammar::kUnknown;
  Ask ask = Ask::kCommand;
  std::vector<Given> globals;
  const Subcommand* subcommand = nullptr;  // may be null with kHelp and kVersion
  std::vector<Given> options;
  std::vector<std::string> operands;

  // The value that counts (the last); nullopt when the option was not given.
  [[nodiscard]] std::optional<std::string> Global(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> Value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> Values(std::string_view name) const;
  [[nodiscard]] std::string_view id() const;  // "" where the subcommand takes none

  // Replaces every occurrence of the option by this one value.
  void SetGlobal(std::string_view name, std::string value);
  void Set(std::string_view name, std::string value);

  // The arguments after argv[0] in the form that every runtime reads the same way: --name=value,
  // bare --name for flags, options before operands. Operands never begin with "-", except behind
  // the first operand of exec and ps, where both runtimes have stopped looking for options.
  [[nodiscard]] std::vector<std::string> Canonical() const;
};

// Reads `words` (argv without its first) by the tables of shim/grammar.h. On failure `out` holds
// what was understood before, so that a refusal can still find --log.
Result<void> ParseArgv(std::span<const std::string> words, Grammar grammar, Invocation& out);

}  // namespace runward
