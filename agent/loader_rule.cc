#include "agent/loader_rule.h"

#include <sys/stat.h>

#include <algorithm>

#include "agent/exec_stage.h"
#include "agent/loader_file.h"
#include "policy/wording.h"

namespace runward {
namespace {

// A program in the kernel decides about it by itself.
bool LeftToKernel(const Watched& container, int file) {
  struct stat info {};
  if (!container.kernel_behind || fstat(file, &info) != 0) return false;
  if (LiesElsewhere(container.files, info)) return false;
  const std::vector<uint64_t>& known = container.files.loaders;
  return std::ranges::find(known, info.st_ino) != known.end();
}

}  // namespace

bool LoaderGoesRound(const CommandRule& rule, const CommandFiles& files,
                     std::optional<KernelTier> tier) {
  const bool maps_unseen = !tier || tier == KernelTier::kKill;
  if (maps_unseen && rule.drift == Drift::kDeny) return true;
  const bool applets = !rule.lists.deny.empty() && !files.multi_calls.empty();
  return rule.lists.allow || applets || !rule.users.empty() || rule.exec_allow ||
         !rule.arguments.empty();
}

bool AllowsAll(const CommandRule& rule, const CommandTry& what) {
  if (!rule.lists.allow) return false;
  return std::ranges::any_of(
      *rule.lists.allow, [&](const std::string& command) { return FitsCommand(command, what); });
}

CommandFinding LoaderByItself(std::string_view path) {
  return {.rule = "commands.loader",
          .reason = Quoted(path) + " is a dynamic loader, which may not be executed by itself"};
}

bool ByList(const std::optional<CommandFinding>& found) {
  return found && found->rule.ends_with(".allow");
}

std::optional<CommandFinding> JudgeAsLoader(const Watched& container, const OpenTry& what,
                                            const CommandTry& tried,
                                            std::optional<CommandFinding> found) {
  const bool forbidden = container.loader_forbidden && !AllowsAll(container.rule, tried);
  // The file's content is read only where it makes a difference: on some filesystems that takes
  // long.
  if (found ? !ByList(found) : !forbidden) return found;
  if (!IsLoaderFile(what.file)) return found;
  const bool left = LeftToKernel(container, what.file);
  const OpenedAs opened = left ? OpenedAs::kInterpreter : OpenedBy(what.task);
  if (opened == OpenedAs::kInterpreter) return tried.drifted ? found : std::nullopt;
  if (found || opened == OpenedAs::kProgram) return found ? found : LoaderByItself(tried.path);
  return CommandFinding{.rule = "commands.error",
                        .reason = "how " + Quoted(tried.path) +
                                  " is executed cannot be told: /proc/PID/stack does not say"};
}

}  // namespace runward
