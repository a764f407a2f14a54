#include "shim/command_controls.h"

#include "oci/accounts.h"
#include "oci/agent_client.h"
#include "oci/command_config.h"
#include "oci/find_command.h"
#include "oci/record.h"

namespace runward {
namespace {

struct Obstacle {
  std::string rule;
  std::string reason;
  std::string hint;
};

// The rules would forbid what the container is there to run.
std::optional<Obstacle> OwnCommand(const StartCase& now) {
  const JsonValue process = now.document->root().Find("process");
  const std::string path = FindCommand(now.root.rootfs, now.spec.process.args, now.spec.process.env,
                                       process.Find("cwd").text());
  if (path.empty()) return std::nullopt;
  CommandTry what{.path = path, .names = {now.spec.process.args.front()}};
  what.uid = static_cast<uint32_t>(process.Find("user").Find("uid").Int().ok()
                                       ? process.Find("user").Find("uid").Int().value()
                                       : 0);
  auto found = JudgeCommand(now.commands, what);
  const std::span<const std::string> args = now.spec.process.args;
  if (!found) found = JudgeArguments(now.commands, what, args.subspan(1));
  if (!found || !found->denied) return std::nullopt;
  return Obstacle{found->rule, "the container's own command " + found->reason,
                  "give the image a profile that lets it run, or the container another command"};
}

std::optional<Obstacle> AskForTier(StartCase& now) {
  const Result<AgentStatus> status = AskAgent(now.request.paths);
  if (!status.ok()) return Obstacle{"commands.agent", status.error().message, status.error().hint};
  const std::string& tier = status.value().tier;
  TierObstacle found = ObstacleOfTier(now.commands, tier, now.document->root());
  if (found.rule.empty() || tier != kTierNotify) now.tier = tier;
  if (found.rule.empty()) return std::nullopt;
  return Obstacle{std::move(found.rule), std::move(found.reason), std::move(found.hint)};
}

std::optional<Obstacle> FindObstacle(StartCase& now) {
  if (now.request.call.subcommand->name == "restore") {
    return Obstacle{"commands.restore", "a restore gives no moment to register command rules",
                    "start the container anew"};
  }
  if (!now.spec.own_mount_namespace) {
    return Obstacle{"commands.namespace",
                    "command rules need a mount namespace of the container's own",
                    "do not share the host's"};
  }
  if (auto found = AskForTier(now)) return found;
  return OwnCommand(now);
}

void Obstruct(StartCase& now, const Obstacle& found) {
  now.decision = WithObstacle(std::move(now.decision), found.rule, found.reason, found.hint);
  SetDecision(now.request, now.decision);
}

}  // namespace

Result<void> ControlCommands(StartCase& now) {
  if (now.decision.outcome == Outcome::kDeny) return {};
  if (now.user && now.user->commands && now.user->mode == Mode::kEnforce) {
    Obstruct(now, {"commands.rootless",
                   "your own policy has command rules, and only the administrator's are held",
                   "leave \"commands\" out of your own policy"});
    return {};
  }
  now.commands = CommandRuleOf(now.policy, now.decision.profile);
  if (now.commands.empty()) return {};
  if (!now.root.rootfs.empty()) ResolveAccounts(now.root.rootfs, now.commands);
  if (const std::optional<Obstacle> found = FindObstacle(now)) Obstruct(now, *found);
  return {};
}

Result<void> PrepareCommands(StartCase& now) {
  const Mode mode = now.decision.mode;
  if (now.decision.outcome == Outcome::kDeny || now.tier.empty()) return {};
  const std::string key = RecordKey(now.request.root, now.request.event.container_id);
  Result<void> composed =
      ComposeCommands(now.commands, now.tier, mode, ListenerFor(now.request.paths, key, mode),
                      now.denied_syscalls, *now.result);
  if (composed.ok() || mode == Mode::kEnforce) return composed;
  // An audited container is as it is without, and not watched.
  now.tier.clear();
  Obstruct(now, {"commands.seccomp", composed.error().message, composed.error().hint});
  return {};
}

}  // namespace runward
