#include "agent/exec_stage.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <string>

#include "base/fd.h"

namespace runward {
namespace {

// At most 64 functions, of which the longest names are cut.
std::string StackOf(pid_t task) {
  std::array<char, 8192> text{};
  const std::string path = "/proc/" + std::to_string(task) + "/stack";
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t size = fd.valid() ? read(fd.get(), text.data(), text.size()) : 0;
  return size > 0 ? std::string(text.data(), static_cast<size_t>(size)) : "";
}

}  // namespace

OpenedAs OpenedIn(std::string_view stack) {
  // Asking (fanotify_handle_event), within opening, within the call: else it is but a part.
  const size_t asks = stack.find("fanotify_");
  const size_t call = stack.find("execve", asks);
  if (asks == std::string_view::npos || call == std::string_view::npos) return OpenedAs::kUnknown;
  // Of 32-bit programs and FDPIC too: each of these has a name that ends in, or begins with, this.
  const bool loading = stack.find("load_elf_", asks) != std::string_view::npos;
  return loading ? OpenedAs::kInterpreter : OpenedAs::kProgram;
}

OpenedAs OpenedBy(pid_t task) {
  constexpr long kFirstPause = 20'000;   // nanoseconds, doubled each time
  constexpr long kLongest = 10'000'000;  // nanoseconds
  constexpr long kPatience = 300'000'000;
  long waited = 0;
  for (long pause = kFirstPause; waited < kPatience; pause = std::min(2 * pause, kLongest)) {
    const OpenedAs opened = OpenedIn(StackOf(task));
    if (opened != OpenedAs::kUnknown) return opened;
    const timespec rest{.tv_sec = 0, .tv_nsec = pause};
    nanosleep(&rest, nullptr);
    waited += pause;
  }
  return OpenedAs::kUnknown;
}

}  // namespace runward
