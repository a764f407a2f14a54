#include "agent/command_judge.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "agent/process_view.h"
#include "base/glob.h"

namespace runward {
namespace {

std::string PathOf(int file) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<size_t>(size)) : "";
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// The kernel opens a dynamic program's interpreter (ld.so(8)) to execute it, as part of executing
// the program: lists of what is allowed do not name it.
bool IsLoader(std::string_view path) {
  constexpr std::array<std::string_view, 3> kPlaces = {"/lib*/ld-*", "/usr/lib*/ld-*",
                                                       "/lib/*-linux-*/ld-*"};
  return std::ranges::any_of(kPlaces, [&](auto place) { return GlobMatch(place, path); }) &&
         path.find(".so") != std::string_view::npos;
}

// A process that an exec from outside has just made still has the runtime's program, which lies on
// none of the container's mounts. One of the container that looks like that gains nothing by it.
bool FromOutside(const Watched& container, pid_t task) {
  if (task == container.pid) return false;
  struct statx info {};
  const std::string link = "/proc/" + std::to_string(task) + "/exe";
  if (statx(AT_FDCWD, link.c_str(), 0, STATX_MNT_ID, &info) != 0) return true;
  const std::vector<uint64_t>& own = container.mount_ids;
  return std::ranges::find(own, info.stx_mnt_id) == own.end();
}

// What a program of many applets was called to be. Another thread can change that after we have
// looked, so here it only catches those who do not; `text` keeps what is returned alive.
std::vector<std::string_view> AppletOf(std::string_view path, pid_t task,
                                       std::vector<std::string>& text) {
  constexpr size_t kMost = 16;
  constexpr size_t kLongest = 4096;  // PATH_MAX: no applet's name comes later
  const std::string_view own = BaseName(path);
  if (!IsMultiCall(own)) return {};
  text = ArgumentsAsked(task, kMost, kLongest);
  std::vector<std::string_view> names;
  for (std::string_view word : text) {
    if (word.starts_with('-')) word.remove_prefix(1);  // a login shell
    names.push_back(word);
    if (BaseName(word) != own) break;  // it is told by the first that is not its own
  }
  return names;
}

bool AsksForUsers(const CommandRule& rule) {
  return !rule.users.empty() || rule.exec_users.limited;
}

uint32_t UserOf(pid_t task) {
  const std::optional<ProcessStatus> status = StatusOf(task);
  const uint32_t outside = status ? status->uid : 0;
  return UserInside(task, outside).value_or(outside);
}

std::optional<CommandFinding> Judge(Watched& container, const OpenTry& what,
                                    const std::string& path) {
  struct stat info {};
  if (fstat(what.file, &info) != 0) {
    return CommandFinding{.rule = "commands.error", .reason = "the file cannot be looked at"};
  }
  const CommandRule& rule = container.rule;
  CommandTry tried{.path = path, .names = {}};
  if (const auto names = container.files.names.find(info.st_ino);
      names != container.files.names.end()) {
    tried.names.assign(names->second.begin(), names->second.end());
  }
  std::vector<std::string> arguments;
  if (what.execute) {
    const auto applet = AppletOf(path, what.task, arguments);
    tried.names.insert(tried.names.end(), applet.begin(), applet.end());
  }
  if (what.execute && container.image) {
    tried.drifted = !container.image->Contains(what.file, path);
  }
  if (AsksForUsers(rule)) tried.uid = UserOf(what.task);
  const bool exec_ruled = rule.exec_users.limited || rule.exec_allow;
  tried.from_outside = what.execute && exec_ruled && FromOutside(container, what.task);
  std::optional<CommandFinding> found = JudgeCommand(rule, tried);
  const bool by_list = found && found->rule.ends_with(".allow");
  if (!by_list || !(IsLoader(path) || !what.execute)) return found;
  // What is not listed may still be read, and a loader used by what is; the image's own one.
  if (!container.image || tried.drifted) return tried.drifted ? found : std::nullopt;
  return std::nullopt;
}

}  // namespace

bool JudgedTry::stops() const { return finding.denied && container->record.mode == Mode::kEnforce; }

std::optional<JudgedTry> JudgeTry(Registry& registry, const OpenTry& what) {
  const std::vector<Watched*> containers = registry.Of(what.task);
  if (containers.empty()) return std::nullopt;
  const std::string path = PathOf(what.file);
  std::optional<JudgedTry> judged;
  for (Watched* container : containers) {
    std::optional<CommandFinding> found = Judge(*container, what, path);
    if (!found || (judged && judged->stops())) continue;
    judged = JudgedTry{.container = container, .finding = *std::move(found), .path = path};
  }
  return judged;
}

}  // namespace runward
