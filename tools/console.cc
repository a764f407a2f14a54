#include "tools/console.h"

#include <cerrno>
#include <cstdio>

#include "base/event_text.h"
#include "tools/log_text.h"
#include "tools/root_flag.h"

namespace runward {
namespace {

std::string LogText(std::string_view text) { return WithoutLogCommands(Printable(text)); }

void PrintLines(const std::string& what, const std::string& hint) {
  std::fprintf(stderr, "runwardctl: %s\n", LogText(what).c_str());
  if (!hint.empty()) std::fprintf(stderr, "  %s\n", LogText(WithRootFlag(hint)).c_str());
}

}  // namespace

void Print(std::string_view text) { PrintExact(WithoutLogCommands(std::string(text))); }

void PrintExact(std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stdout); }

void PrintNote(const std::string& what) { PrintLines(what, ""); }

int PrintError(const Error& error) {
  PrintLines(error.message, error.hint);
  return kExitError;
}

int PrintNo(const std::string& what, const std::string& hint) {
  PrintLines(what, hint);
  return kExitNo;
}

int PrintUsage(std::string_view words, const Error& error) {
  PrintLines(error.message, error.hint);
  std::fprintf(stderr, "  see: runwardctl %s --help\n", std::string(words).c_str());
  return kExitNo;
}

int Finish(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  return PrintError(ErrnoError("write to the standard output", errno));
}

std::string Shown(std::string_view text) { return "\"" + Printable(text) + "\""; }

}  // namespace runward
