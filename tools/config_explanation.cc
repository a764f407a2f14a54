#include "tools/config_explanation.h"

#include "base/event_text.h"
#include "oci/agent_client.h"
#include "oci/command_config.h"
#include "oci/network_config.h"
#include "oci/network_record.h"
#include "oci/our_hook.h"
#include "oci/peer_task.h"
#include "oci/resulting_config.h"
#include "oci/start_controls.h"
#include "policy/container_peer.h"
#include "tools/config_difference.h"

namespace runward {
namespace {

// Stands for the container's key, which its id and the runtime's directory make.
constexpr const char* kKey = "KEY";

struct Rules {
  std::vector<std::string> denied;  // system calls
  CommandRule commands;
  std::string tier;  // the agent's; "" without command rules, or without an agent
  NetworkRule network;
  std::optional<PeerTask> peer;
};

// The steps of shim/gate_start.cc.
Result<ResultingConfig> Become(const Paths& paths, const PolicySubject& subject, Mode mode,
                               const Rules& rules) {
  ResultingConfig result(*subject.config, subject.file);
  TRY(result.DropOldHook(CallSocket(paths)));
  const bool enforced = mode == Mode::kEnforce;
  std::vector<std::string> denied = enforced ? rules.denied : std::vector<std::string>();
  if (!rules.tier.empty()) {
    TRY(ComposeCommands(rules.commands, rules.tier, mode, ListenerFor(paths, kKey, mode), denied,
                        result));
  }
  TRY(result.Deny(denied));
  const bool check = enforced && subject.cover.uncertain;
  const JsonValue config = subject.config->root();
  const bool own = !SharesHostNetwork(config);
  const bool refused = rules.network.capabilities == NetworkCapabilities::kRefuse;
  if (enforced && rules.network.given && !refused) {
    TRY(result.WithholdNetwork(GuardedCapabilities(rules.network, {.on_host = !own})));
  }
  const bool by_cgroup = rules.network.host_network == HostNetwork::kCgroup;
  const bool network = rules.network.given && (own || by_cgroup);
  const bool peer = rules.peer && own;
  if (!check && !network && !peer && rules.tier.empty()) return result;
  HookTask task{.key = rules.tier.empty() ? "" : kKey, .audit = !enforced, .tier = rules.tier};
  if (network) task.network = kKey;
  if (peer) task.peer = rules.peer;
  const HookEntry hook = TRY(OurHookFor(paths, check ? subject.image.rootfs : "", std::move(task)));
  TRY(result.AddHook(hook));
  return result;
}

// Which rules there are beside those of "run", and whether they can be enforced.
std::string CommandRows(const Rules& rules, const std::string& why) {
  if (rules.commands.empty()) return "";
  if (rules.tier.empty()) {
    return ExplainRow("commands", "there are rules, and in enforce mode it does not start: " + why);
  }
  return ExplainRow("commands", "ruled by " + rules.tier +
                                    "; runward-hook registers the container, which a start calls "
                                    "by another key than " +
                                    std::string(kKey));
}

std::string FindingRows(const std::vector<RunFinding>& findings) {
  if (findings.empty()) return ExplainRow("controls", "nothing asked for exceeds them");
  std::string rows;
  for (const RunFinding& finding : findings) {
    rows += ExplainRow("control", "run." + finding.control + ": asked for " + finding.asked +
                                      "; allowed: " + finding.allowed);
  }
  return rows;
}

std::string ReasonRows(const PolicySubject& subject, const std::vector<std::string>& denied) {
  std::string rows;
  const std::string closed = WouldClose(*subject.config, denied);
  if (!closed.empty()) rows += ExplainRow("syscalls", closed);
  if (!WithoutOurHook(*subject.config).empty()) {
    rows += ExplainRow("hook", "the check of the root that an earlier start left is taken out");
  }
  if (subject.cover.uncertain) {
    rows +=
        ExplainRow("hook",
                   "a mount lies inside another volume, which may turn it elsewhere: in enforce "
                   "mode runward-hook looks at the root once all mounts are made");
  }
  return rows;
}

}  // namespace

std::string ExplainRow(const std::string& head, const std::string& text) {
  return "  " + head + std::string(head.size() < 10 ? 10 - head.size() : 1, ' ') + Printable(text) +
         "\n";
}

Result<ConfigExplanation> ExplainConfig(const Paths& paths, const Policy& policy,
                                        const PolicySubject& subject, Decision decision) {
  decision = WithExposure(std::move(decision), subject.exposed);
  if (decision.outcome == Outcome::kDeny) return ConfigExplanation{.decision = decision};
  const StartControls controls =
      TRY(JudgeStart(paths, RuleOf(policy, decision.profile),
                     {*subject.config, subject.bundle, subject.image.rootfs}));
  ConfigExplanation explanation{.decision = WithFindings(std::move(decision), controls.findings),
                                .rows = FindingRows(controls.findings)};
  if (explanation.decision.outcome == Outcome::kDeny) {
    explanation.rows += ExplainRow("becomes", "nothing: it does not start");
    return explanation;
  }
  Rules rules{.denied = controls.rule.denied_syscalls,
              .commands = CommandRuleOf(policy, explanation.decision.profile),
              .tier = "",
              .network = NetworkRuleOf(policy, explanation.decision.profile)};
  if (NamesContainers(policy)) rules.peer = PeerTaskFor(explanation.decision, kKey);
  std::string why;
  if (!rules.commands.empty()) {
    const Result<AgentStatus> agent = AskAgent(paths);
    if (!agent.ok()) why = agent.error().message;
    if (agent.ok()) {
      const std::string& tier = agent.value().tier;
      why = ObstacleOfTier(rules.commands, tier, subject.config->root()).reason;
      if (why.empty()) rules.tier = tier;
    }
  }
  const std::vector<std::string>& denied = rules.denied;
  const ResultingConfig now = TRY(Become(paths, subject, explanation.decision.mode, rules));
  const ResultingConfig enforced = TRY(Become(paths, subject, Mode::kEnforce, rules));
  explanation.text = now.text();
  explanation.rows += ExplainRow("becomes", now.changed() ? "another text, with the changes below"
                                                          : "itself: nothing is changed");
  const auto differs = [&](const ResultingConfig& other, const std::string& as) {
    explanation.difference +=
        ConfigDifference(subject.config->text(), other.text(), subject.file, as);
  };
  differs(now, subject.file + " (as it would be started)");
  if (now.text() != enforced.text()) {
    explanation.rows += ExplainRow("enforced", "it would become another, with the changes below");
    differs(enforced, subject.file + " (as enforce mode would start it)");
  }
  explanation.rows += CommandRows(rules, why) + ReasonRows(subject, denied);
  return explanation;
}

}  // namespace runward
