#include "agent/bpf_warning.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>

namespace runward {
namespace {

thread_local std::string first_warning;

__attribute__((format(printf, 2, 0))) int Keep(libbpf_print_level level, const char* format,
                                               va_list arguments) {
  if (level != LIBBPF_WARN || !first_warning.empty()) return 0;
  char text[256];
  vsnprintf(text, sizeof(text), format, arguments);
  first_warning = text;
  while (!first_warning.empty() && first_warning.back() == '\n') first_warning.pop_back();
  return 0;
}

}  // namespace

void KeepBpfWarnings() {
  libbpf_set_print(Keep);
  first_warning.clear();
}

Error BpfError(const std::string& what, int err) {
  Error error = ErrnoError(what, err);
  if (!first_warning.empty()) error.message += " (" + first_warning + ")";
  return error;
}

}  // namespace runward
