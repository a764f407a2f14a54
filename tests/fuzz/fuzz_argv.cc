#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "shim/argv.h"

// The input's lines are the arguments. What is accepted has a canonical form that is read back as
// itself, in which nothing but options stands before the operands and no operand looks like an
// option; and what is accepted without knowing the runtime, a known runtime reads no differently.
namespace {

using runward::Ask;
using runward::Grammar;
using runward::Invocation;
using runward::ParseArgv;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What a runtime that stops at the first operand makes of the canonical form.
void RequireUnambiguous(const Invocation& call, const std::vector<std::string>& canonical) {
  size_t at = 0;
  while (at < canonical.size() && canonical[at].starts_with("--")) ++at;
  if (call.subcommand == nullptr) return Require(at == canonical.size());
  Require(at < canonical.size() && canonical[at] == call.subcommand->name);
  ++at;
  while (at < canonical.size() && canonical[at].starts_with("--")) ++at;
  if (call.ask != Ask::kCommand) return Require(at == canonical.size());
  Require(canonical.size() - at == call.operands.size());
  const size_t operands = call.subcommand->verbatim ? 1 : call.operands.size();
  for (size_t i = 0; i < operands; ++i) {
    Require(canonical[at + i] == call.operands[i] && !call.operands[i].starts_with('-'));
  }
}

void RequireRoundTrip(const std::vector<std::string>& words, Grammar grammar) {
  Invocation call;
  if (!ParseArgv(words, grammar, call).ok()) return;
  const std::vector<std::string> canonical = call.Canonical();
  RequireUnambiguous(call, canonical);
  Invocation again;
  Require(ParseArgv(canonical, grammar, again).ok());
  Require(again.Canonical() == canonical && again.ask == call.ask);
  Require(again.subcommand == call.subcommand && again.id() == call.id());
  if (grammar != Grammar::kUnknown) return;
  for (const Grammar known : {Grammar::kRunc, Grammar::kCrun}) {
    Invocation other;
    if (ParseArgv(words, known, other).ok()) Require(other.Canonical() == canonical);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<std::string> words = Lines({reinterpret_cast<const char*>(data), size});
  for (const Grammar grammar : {Grammar::kRunc, Grammar::kCrun, Grammar::kUnknown}) {
    RequireRoundTrip(words, grammar);
  }
  return 0;
}
