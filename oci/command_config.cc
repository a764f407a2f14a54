#include "oci/command_config.h"

#include <algorithm>
#include <array>

#include "oci/agent_client.h"

namespace runward {
namespace {

// Ways to code that fanotify cannot be asked about.
constexpr std::array<std::string_view, 8> kUnseen = {
    "execveat", "fsmount", "fsopen", "memfd_create", "mount", "move_mount", "open_tree", "setns"};

}  // namespace

CommandRule CommandRuleOf(const Policy& policy, std::string_view profile) {
  const auto found = std::ranges::find(policy.profiles, profile, &Profile::name);
  return found == policy.profiles.end() ? CommandRule{} : ReadCommandRule(found->commands);
}

Result<void> ComposeCommands(const CommandRule& rule, std::string_view tier,
                             std::vector<std::string>& denied, ResultingConfig& result) {
  if (tier != kTierFanotify) return {};
  if (rule.drift == Drift::kDeny) {
    denied.insert(denied.end(), kUnseen.begin(), kUnseen.end());
    std::ranges::sort(denied);
    denied.erase(std::unique(denied.begin(), denied.end()), denied.end());
  }
  return result.NoExec(rule.drift_except);
}

}  // namespace runward
