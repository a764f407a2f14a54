#include "oci/command_config.h"

#include <algorithm>
#include <array>

#include "oci/agent_client.h"
#include "policy/controls.h"

namespace runward {
namespace {

// Ways to code that fanotify cannot be asked about.
// Ways to what a mount covered when the container started are among them.
constexpr std::array<std::string_view, 12> kUnseen = {
    "execveat",   "fsmount",   "fsopen",     "memfd_create", "mount",  "mount_setattr",
    "move_mount", "open_tree", "pivot_root", "setns",        "umount", "umount2"};

// Whether it is about code that nobody names, or about who executes it: a list of what is denied
// lets a copy be executed, and so much can be had without them.
bool ForbidsUnnamed(const CommandRule& rule) {
  return rule.drift == Drift::kDeny || rule.lists.allow || !rule.users.empty() || rule.exec_allow ||
         rule.exec_users.limited;
}

}  // namespace

CommandRule CommandRuleOf(const Policy& policy, std::string_view profile) {
  const auto found = std::ranges::find(policy.profiles, profile, &Profile::name);
  return found == policy.profiles.end() ? CommandRule{} : ReadCommandRule(found->commands);
}

TierObstacle ObstacleOfTier(const CommandRule& rule, std::string_view tier, JsonValue config) {
  const bool notify = tier == kTierNotify;
  if (notify && !rule.advisory) {
    return {
        "commands.advisory",
        "nothing better than seccomp notification holds command rules here, which a program "
        "that means to can get round",
        "runwardctl doctor says why; or accept it: \"advisory\": true in the profile's commands"};
  }
  if (tier == kTierFanotify && !rule.arguments.empty()) {
    return {"commands.arguments",
            "rules about arguments need a program in the kernel, and the agent has none there",
            "see runwardctl doctor, or leave out \"arguments\""};
  }
  if (!notify && tier != kTierFanotify) return {};
  for (const JsonValue annotation : config.Find("annotations")) {
    if (!TouchesSeccomp(annotation.key())) continue;
    return {"commands.seccomp",
            "the annotation \"" + std::string(annotation.key()) +
                "\" would take the seccomp profile away that command rules are held by",
            "start it without that annotation"};
  }
  return {};
}

SeccompListener ListenerFor(const Paths& paths, const std::string& key, Mode mode) {
  return {.path = CallSocket(paths),
          .metadata = (mode == Mode::kAudit ? "audit " : "enforce ") + key};
}

Result<void> ComposeCommands(const CommandRule& rule, std::string_view tier, Mode mode,
                             const SeccompListener& listener, std::vector<std::string>& denied,
                             ResultingConfig& result) {
  const bool notify = tier == kTierNotify;
  if (notify) TRY(result.NotifyExecs(listener));
  if (mode == Mode::kAudit) return {};
  if (tier == kTierFanotify && ForbidsUnnamed(rule)) {
    denied.insert(denied.end(), kUnseen.begin(), kUnseen.end());
    std::ranges::sort(denied);
    denied.erase(std::unique(denied.begin(), denied.end()), denied.end());
  }
  // What is executed there is asked about in the tier of notifications; what is mapped is not.
  const bool closed = tier == kTierFanotify || (notify && rule.drift == Drift::kDeny);
  return closed ? result.NoExec(rule.drift_except) : Result<void>();
}

}  // namespace runward
