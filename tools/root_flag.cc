#include "tools/root_flag.h"

#include <string_view>

namespace runward {
namespace {

std::string& RootFlag() {
  static std::string flag;
  return flag;
}

}  // namespace

void SetRootFlag(const std::string& flag) { RootFlag() = flag; }

std::string WithRootFlag(std::string hint) {
  constexpr std::string_view kCommand = "runwardctl ";
  if (RootFlag().empty()) return hint;
  for (size_t at = hint.find(kCommand); at != std::string::npos; at = hint.find(kCommand, at)) {
    at += kCommand.size();
    if (hint.compare(at, 2, "--") != 0) hint.insert(at, RootFlag() + " ");
  }
  return hint;
}

}  // namespace runward
