#include "agent/exec_stage.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <string>

#include "base/fd.h"

namespace runward {
namespace {

// nullopt for what may not be read, or is not there; "" while the task runs.
std::optional<std::string> TextOf(pid_t task, const char* file) {
  std::array<char, 8192> text{};  // at most 64 functions, of which the longest names are cut
  const std::string path = "/proc/" + std::to_string(task) + "/" + file;
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t size = fd.valid() ? read(fd.get(), text.data(), text.size()) : -1;
  if (size < 0) return std::nullopt;
  return std::string(text.data(), static_cast<size_t>(size));
}

// One that was killed while it asked: nobody waits for the answer any more, however long its
// parent lets it be there.
bool AsksNoMore(pid_t task, std::string_view stack) {
  const std::string line = TextOf(task, "stat").value_or("");
  const size_t name = line.rfind(')');  // proc_pid_stat(5): the state comes behind it
  if (name == std::string::npos || name + 2 >= line.size()) return true;
  const char state = line[name + 2];
  return state == 'Z' || state == 'X' || (state != 'R' && !stack.empty());
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
    const std::optional<std::string> stack = TextOf(task, "stack");
    const OpenedAs opened = stack ? OpenedIn(*stack) : OpenedAs::kUnknown;
    if (!stack || opened != OpenedAs::kUnknown || AsksNoMore(task, *stack)) return opened;
    const timespec rest{.tv_sec = 0, .tv_nsec = pause};
    nanosleep(&rest, nullptr);
    waited += pause;
  }
  return OpenedAs::kUnknown;
}

}  // namespace runward
