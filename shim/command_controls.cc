#include "shim/command_controls.h"

#include "oci/accounts.h"
#include "oci/agent_client.h"
#include "oci/command_config.h"
#include "oci/find_command.h"

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
  now.tier = status.value().tier;
  if (now.tier != kTierFanotify || now.commands.arguments.empty()) return std::nullopt;
  return Obstacle{
      "commands.arguments",
      "rules about arguments need a program in the kernel, and the agent has none there",
      "see runwardctl doctor, or leave out \"arguments\""};
}

std::optional<Obstacle> FindObstacle(StartCase& now) {
  if (now.request.above) {
    return Obstacle{"commands.rootless", "command rules hold for root's engines only",
                    "use a profile without \"commands\" for users' engines"};
  }
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

}  // namespace

Result<void> ControlCommands(StartCase& now) {
  if (now.decision.outcome == Outcome::kDeny) return {};
  now.commands = CommandRuleOf(now.policy, now.decision.profile);
  if (now.commands.empty()) return {};
  if (!now.root.rootfs.empty()) ResolveAccounts(now.root.rootfs, now.commands);
  const std::optional<Obstacle> found = FindObstacle(now);
  if (!found) return {};
  now.decision = WithObstacle(std::move(now.decision), found->rule, found->reason, found->hint);
  SetDecision(now.request, now.decision);
  return {};
}

Result<void> PrepareCommands(StartCase& now) {
  const bool enforced = now.decision.mode == Mode::kEnforce;
  if (now.decision.outcome == Outcome::kDeny || !enforced || now.tier.empty()) return {};
  return ComposeCommands(now.commands, now.tier, now.denied_syscalls, *now.result);
}

}  // namespace runward
