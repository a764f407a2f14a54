#include "agent/asked_arguments.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string_view>

#include "agent/process_view.h"
#include "base/fd.h"

namespace runward {
namespace {

std::string FileOf(pid_t task, const char* name) {
  return "/proc/" + std::to_string(task) + "/" + name;
}

// "59 0x5581 0x5582 ...", or "running": one line, which fits.
std::string CallOf(pid_t task) {
  std::array<char, 256> text{};
  const UniqueFd fd(open(FileOf(task, "syscall").c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t size = fd.valid() ? read(fd.get(), text.data(), text.size()) : 0;
  return size > 0 ? std::string(text.data(), static_cast<size_t>(size)) : "";
}

uint64_t NumberIn(std::string_view word) {
  uint64_t number = 0;
  const int base = word.starts_with("0x") ? 16 : 10;
  if (base == 16) word.remove_prefix(2);
  std::from_chars(word.data(), word.data() + word.size(), number, base);
  return number;
}

ArgvPlace ArgvIn(std::string_view line) {
  std::array<uint64_t, 5> words{};  // the call's number, then its arguments
  for (uint64_t& word : words) {
    const size_t end = line.find_first_of(" \n");
    if (end == std::string_view::npos) return {};
    word = NumberIn(line.substr(0, end));
    line.remove_prefix(end + 1);
  }
  return ArgvOf(static_cast<long>(words[0]), std::span(words).subspan(1));
}

}  // namespace

ArgvPlace ArgvOf(long number, std::span<const uint64_t> args) {
  if (number == SYS_execve) return {args[1]};
  if (number == SYS_execveat) return {args[2]};
  // Of 32-bit programs, and x32's; our own programs' calls of these numbers take no file.
  constexpr long kX32 = 0x40000000;
  constexpr size_t kSmall = sizeof(uint32_t);
  if (number == 11 || number == (kX32 | 520)) return {args[1], kSmall};
  if (number == 358 || number == 387 || number == (kX32 | 545)) return {args[2], kSmall};
  return {};
}

std::optional<ArgvPlace> ArgvAsked(pid_t task) {
  constexpr long kFirstPause = 20'000;   // nanoseconds, doubled each time
  constexpr long kLongest = 10'000'000;  // nanoseconds
  constexpr long kPatience = 300'000'000;
  long waited = 0;
  for (long pause = kFirstPause; waited < kPatience; pause = std::min(2 * pause, kLongest)) {
    const std::string call = CallOf(task);
    if (!call.starts_with("running")) return ArgvIn(call);
    const timespec rest{.tv_sec = 0, .tv_nsec = pause};
    nanosleep(&rest, nullptr);
    waited += pause;
  }
  return std::nullopt;
}

std::vector<std::string> ArgumentsAt(pid_t task, const ArgvPlace& place, size_t most,
                                     size_t longest) {
  std::vector<std::string> arguments;
  if (place.address == 0) return arguments;
  const UniqueFd memory(open(FileOf(task, "mem").c_str(), O_RDONLY | O_CLOEXEC));
  while (memory.valid() && arguments.size() < most) {
    uint64_t address = 0;
    const auto at = static_cast<off_t>(place.address + arguments.size() * place.pointer);
    if (pread(memory.get(), &address, place.pointer, at) != static_cast<ssize_t>(place.pointer)) {
      break;
    }
    if (address == 0) break;
    arguments.push_back(TextAt(memory.get(), address, longest));
  }
  return arguments;
}

}  // namespace runward
