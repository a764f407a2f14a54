#include "agent/command_judge.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <string_view>

#include "agent/loader_rule.h"
#include "agent/process_view.h"
#include "agent/try_view.h"
#include "policy/wording.h"

namespace runward {
namespace {

bool AsksForUsers(const CommandRule& rule) {
  return !rule.users.empty() || rule.exec_users.limited;
}

CommandFinding CannotTell(const std::string& what) {
  return {.rule = "commands.error", .reason = what + " cannot be looked at"};
}

// What is in the caller's memory when we look: for audit mode alone, and where that is all there
// is.
std::optional<CommandFinding> JudgeGiven(const CommandRule& rule, const CommandTry& tried,
                                         const OpenTry& what) {
  constexpr size_t kMost = 65;
  constexpr size_t kLongest = 4096;
  auto given = ArgumentsOf(what, kMost, kLongest);
  if (!given) return CannotTell("the arguments");
  if (!given->empty()) given->erase(given->begin());
  return JudgeArguments(rule, tried, *given);
}

// What the rules ask about a try; `applet` (try_view.h) keeps its texts.
CommandTry LookAt(Watched& container, const OpenTry& what, const std::string& path,
                  const struct stat& info, const std::vector<std::string>& applet) {
  const CommandRule& rule = container.rule;
  CommandTry tried{.path = path, .names = {}};
  if (const auto* names = NamesOf(container.files, info)) {
    tried.names.assign(names->begin(), names->end());
  }
  if (AsksForUsers(rule)) tried.uid = UserOf(container, what.task);
  if (!what.execute) return tried;
  tried.names.insert(tried.names.end(), applet.begin(), applet.end());
  tried.drifted = container.image && !container.image->Contains(what.file, path);
  const bool exec_ruled = rule.exec_users.limited || rule.exec_allow;
  tried.from_outside = exec_ruled && FromOutside(container, what.task);
  return tried;
}

// Whether the path is that of a mount which the container had when it started.
bool LiesOnGivenMount(const Watched& container, int file, std::string_view path) {
  struct statx info {};
  if (statx(file, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) != 0) return false;
  const auto known = std::ranges::find(container.given, info.stx_mnt_id, &GivenMount::id);
  if (known == container.given.end()) return false;
  const auto is_place = [&](std::string_view beginning) {
    return std::hash<std::string_view>{}(beginning) == known->place;
  };
  for (; path.size() > 1; path.remove_suffix(path.size() - path.rfind('/'))) {
    if (is_place(path)) return true;
  }
  return is_place("/");
}

// A file may stand at its path by a mount that the container made since: there the lists of users
// and of exec allow it by what was found out about the file alone. The others the kernel's programs
// hold to the file; and where there are none, nothing can be mounted.
std::optional<CommandFinding> JudgeMounted(const Watched& container, const OpenTry& what,
                                           const CommandTry& tried, const struct stat& info) {
  const auto allows = [](const UserCommands& one) { return one.lists.allow.has_value(); };
  const CommandRule& all = container.rule;
  if (!container.kernel_behind || !(all.exec_allow || std::ranges::any_of(all.users, allows)) ||
      LiesOnGivenMount(container, what.file, tried.path)) {
    return std::nullopt;
  }
  const CommandFiles& files = container.files;
  const bool applets = !LiesElsewhere(files, info) &&
                       std::ranges::find(files.multi_calls, info.st_ino) != files.multi_calls.end();
  CommandTry known = tried;
  known.path = "";
  if (!applets) known.names.clear();
  if (const auto* names = NamesOf(files, info)) {
    known.names.insert(known.names.end(), names->begin(), names->end());
  }
  CommandRule rule = all;
  rule.lists = {};
  rule.drift = Drift::kAllow;
  auto found = JudgeCommand(rule, known);
  if (!ByList(found)) return std::nullopt;
  found->reason = Quoted(tried.path) +
                  " is not among the commands allowed: it is another file, or one that came later, "
                  "on a mount of the container's own";
  return found;
}

std::optional<CommandFinding> Judge(Watched& container, const OpenTry& what,
                                    const std::string& path) {
  if (container.shut) return NothingIsExecuted();
  struct stat info {};
  if (fstat(what.file, &info) != 0) return CannotTell("the file");
  std::optional<std::vector<std::string>> applet(std::in_place);
  if (what.execute) applet = AppletOf(path, what);
  if (!applet) return CannotTell("which applet \"" + path + "\" is to be");
  const CommandTry tried = LookAt(container, what, path, info, *applet);
  const auto& helper = container.helper;
  if (helper && helper->device == info.st_dev && helper->inode == info.st_ino) {
    return JudgeCommand(RuleForHelper(container.rule), tried);
  }
  std::optional<CommandFinding> found = JudgeCommand(container.rule, tried);
  if (!found && what.execute) found = JudgeMounted(container, what, tried, info);
  if (!found && what.execute && container.reads_arguments) {
    found = JudgeGiven(container.rule, tried, what);
  }
  if (what.execute) return JudgeAsLoader(container, what, tried, std::move(found));
  return ByList(found) ? std::nullopt : found;  // what is not listed may still be read
}

}  // namespace

CommandFinding NothingIsExecuted() {
  return {.rule = "commands.agent",
          .reason =
              "runward-agent could not take this container in again, and nothing is executed in "
              "it until it is started anew"};
}

bool JudgedTry::stops() const { return finding.denied && container->record.mode == Mode::kEnforce; }

JudgedTry JudgeHeld(const Watched& container, const std::string& path) {
  CommandFinding finding{
      .rule = "commands.held",
      .reason =
          "a filesystem or memory of this container kept runward-agent waiting, and nothing "
          "is executed in it for a while"};
  return {.container = &container, .finding = std::move(finding), .path = path};
}

std::optional<JudgedTry> JudgeTry(const std::vector<Watched*>& containers, const OpenTry& what,
                                  const std::string& path) {
  std::optional<JudgedTry> judged;
  for (Watched* container : containers) {
    std::optional<CommandFinding> found = Judge(*container, what, path);
    if (!found || (judged && judged->stops())) continue;
    judged = JudgedTry{.container = container, .finding = *std::move(found), .path = path};
  }
  return judged;
}

}  // namespace runward
