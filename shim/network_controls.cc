#include "shim/network_controls.h"

#include <algorithm>

#include "oci/network_config.h"
#include "oci/network_record.h"
#include "oci/record.h"
#include "policy/container_peer.h"
#include "shim/descriptor.h"

namespace runward {
namespace {

struct Obstacle {
  std::string rule;
  std::string reason;
  std::string hint;
};

bool OnHostNetwork(const StartCase& now) {
  const std::vector<std::string>& joined = now.controls.host.host_namespaces;
  return SharesHostNetwork(now.document->root()) ||
         std::ranges::find(joined, "network") != joined.end();
}

// And starts in it, with a moment for runward-hook.
bool HasOwnNetwork(const StartCase& now) {
  return now.decision.outcome != Outcome::kDeny && !OnHostNetwork(now) && !now.request.above &&
         now.request.call.subcommand->name != "restore";
}

std::optional<Obstacle> FindObstacle(const StartCase& now) {
  if (now.request.above) {
    return Obstacle{"network.rootless", "network rules hold for root's engines only",
                    "use a profile without \"network\" for users' engines"};
  }
  if (now.request.call.subcommand->name == "restore") {
    return Obstacle{"network.restore", "a restore gives no moment to install network rules",
                    "start the container anew"};
  }
  const JsonValue config = now.document->root();
  if (OnHostNetwork(now) && !now.network.host_network_allowed) {
    return Obstacle{"network.host",
                    "it shares the host's network, or one that cannot be looked at, where no rules "
                    "are installed",
                    "give it a network of its own, or its profile \"hostNetwork\": \"allow\""};
  }
  const bool refuses = now.network.capabilities == NetworkCapabilities::kRefuse;
  if (refuses && HasNetworkCapabilities(config.Find("process"))) {
    return Obstacle{"network.capabilities",
                    "it asks for NET_ADMIN or NET_RAW, with which it could go round its rules",
                    "drop both (--cap-drop NET_ADMIN --cap-drop NET_RAW)"};
  }
  return std::nullopt;
}

}  // namespace

bool InstallsNetwork(const StartCase& now) { return now.network.given && HasOwnNetwork(now); }

bool JoinsPeers(const StartCase& now) { return HasOwnNetwork(now) && NamesContainers(now.policy); }

Result<void> ControlNetwork(StartCase& now) {
  if (now.decision.outcome == Outcome::kDeny) return {};
  now.network = NetworkRuleOf(now.policy, now.decision.profile);
  if (!now.network.given) return {};
  const std::optional<Obstacle> found = FindObstacle(now);
  if (!found) return {};
  now.decision = WithObstacle(std::move(now.decision), found->rule, found->reason, found->hint);
  SetDecision(now.request, now.decision);
  return {};
}

Result<void> WithholdFromExec(Request& request, const std::string& process) {
  Invocation& call = request.call;
  const auto record = TRY(ReadRecord(request.paths, request.root, call.id()));
  if (!record || record->network.empty() || record->mode == Mode::kAudit) return {};
  const NetworkRule rule = TRY(ParseNetworkRecord(record->network));
  if (rule.capabilities == NetworkCapabilities::kKeep) return {};
  const Error refused{
      "the exec asks for NET_ADMIN or NET_RAW, with which it could go round the "
      "container's network rules",
      "leave both out"};
  for (const std::string& word : call.Values("cap")) {
    if (IsNetworkCapability(word)) return refused;
  }
  if (process.empty()) return {};
  const JsonDocument document = TRY(JsonDocument::Parse(process));
  const std::string changed = WithoutNetworkCapabilities(document, document.root());
  if (changed.empty()) return {};
  if (rule.capabilities == NetworkCapabilities::kRefuse) return refused;
  const UniqueFd kept = TRY(InMemory(changed));
  call.Set("process", TRY(HandOn(kept)));
  return {};
}

Result<void> WithholdNetwork(StartCase& now) {
  const bool enforced = now.decision.mode == Mode::kEnforce;
  const bool withhold = now.network.capabilities == NetworkCapabilities::kWithhold;
  if (!now.network.given || !enforced || !withhold || now.decision.outcome == Outcome::kDeny) {
    return {};
  }
  return now.result->WithholdNetwork();
}

}  // namespace runward
