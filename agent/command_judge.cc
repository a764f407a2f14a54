#include "agent/command_judge.h"

#include <sys/stat.h>

#include "agent/try_view.h"

namespace runward {
namespace {

bool AsksForUsers(const CommandRule& rule) {
  return !rule.users.empty() || rule.exec_users.limited;
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
    arguments = AppletOf(path, what.task);
    tried.names.insert(tried.names.end(), arguments.begin(), arguments.end());
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
