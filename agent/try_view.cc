#include "agent/try_view.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "agent/process_view.h"

namespace runward {

std::string PathOf(int file) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<size_t>(size)) : "";
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool HasRuntimesProgram(const Watched& container, pid_t task) {
  struct statx info {};
  const std::string link = "/proc/" + std::to_string(task) + "/exe";
  if (statx(AT_FDCWD, link.c_str(), 0, STATX_MNT_ID, &info) != 0) return true;
  return std::ranges::find(container.given, info.stx_mnt_id, &GivenMount::id) ==
         container.given.end();
}

bool FromOutside(const Watched& container, pid_t task) {
  return task != container.pid && HasRuntimesProgram(container, task);
}

std::optional<std::vector<std::string>> AppletOf(std::string_view path, const OpenTry& what) {
  constexpr size_t kMost = 16;
  constexpr size_t kLongest = 4096;  // PATH_MAX: no applet's name comes later
  const std::string_view own = BaseName(path);
  std::vector<std::string> words;
  if (!IsMultiCall(own)) return words;
  auto given = ArgumentsOf(what, kMost, kLongest);
  if (!given) return std::nullopt;
  for (std::string& word : *given) {
    if (word.starts_with('-')) word.erase(0, 1);  // a login shell
    words.push_back(std::move(word));
    // It is told by the first that is not its own; busybox and toybox look at how a name begins.
    const std::string_view name = BaseName(words.back());
    if (name != own && !name.starts_with("busybox") && !name.starts_with("toybox")) return words;
  }
  if (words.size() == kMost) return std::nullopt;
  return words;
}

std::optional<std::vector<std::string>> ArgumentsOf(const OpenTry& what, size_t most,
                                                    size_t longest) {
  const std::optional<ArgvPlace> place = what.argv ? what.argv : ArgvAsked(what.task);
  if (!place) return std::nullopt;
  return ArgumentsAt(what.task, *place, most, longest);
}

uint32_t UserOf(const Watched& container, pid_t task) {
  const std::optional<ProcessStatus> status = StatusOf(task);
  const uint32_t outside = status ? status->uid : 0;
  return UserInMap(container.user_map, outside).value_or(outside);
}

}  // namespace runward
