#include "agent/observe.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "agent/process_view.h"
#include "agent/try_view.h"
#include "agent/watch_volumes.h"
#include "base/clock.h"

namespace runward {
namespace {

constexpr size_t kLongest = 1024;  // bytes of a path; an image has no longer one

std::string Cut(std::string text) {
  if (text.size() > kLongest) text.resize(kLongest);
  return text;
}

std::string ProgramOf(pid_t task) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/" + std::to_string(task) + "/exe";
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? Cut(std::string(path.data(), static_cast<size_t>(size))) : "";
}

// The task still runs the program that executes this one.
std::string ParentOf(const Watched& container, pid_t task) {
  if (!HasRuntimesProgram(container, task)) return ProgramOf(task);
  return task == container.pid ? "start" : "exec";
}

}  // namespace

LearnedCommand Observe(Watched& container, const OpenTry& what, const std::string& path) {
  LearnedCommand seen{.command = Cut(path), .applet = {}};
  const auto words = AppletOf(path, what);
  if (words && !words->empty()) seen.applet = Cut(std::string(BaseName(words->back())));
  seen.user = UserOf(container, what.task);
  seen.parent = ParentOf(container, what.task);
  seen.drifted = container.image && !container.image->Contains(what.file, path);
  seen.time = FormatTime(Now());
  return seen;
}

LearnedCommand Observe(const Watched& container, const KernelEvent& event) {
  LearnedCommand seen{.command = event.filename, .applet = {}};
  seen.user = UserInMap(container.user_map, event.uid).value_or(event.uid);
  const auto parent = static_cast<pid_t>(event.parent);
  if (!HasRuntimesProgram(container, parent)) seen.parent = ProgramOf(parent);
  seen.drifted = true;  // fanotify is asked about all that the image is on
  seen.time = FormatTime(Now());
  return seen;
}

bool TellsMore(const Watched& container, const KernelEvent& event) {
  if (event.mapping) return false;
  if (event.decision == KernelDecision::kDenied || event.decision == KernelDecision::kKilled) {
    return false;
  }
  return !WasAsked(container, event);
}

}  // namespace runward
