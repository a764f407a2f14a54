#include "shim/network_controls.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "oci/agent_client.h"
#include "oci/network_config.h"
#include "oci/network_process.h"
#include "oci/network_record.h"
#include "policy/container_peer.h"
#include "shim/descriptor.h"
#include "shim/host_network.h"

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

CapabilityMask Guarded(const StartCase& now) {
  return GuardedCapabilities(now.network, {.on_host = OnHostNetwork(now)});
}

// With a moment for runward-hook.
bool StartsHere(const StartCase& now) {
  return now.decision.outcome != Outcome::kDeny && !now.request.above &&
         now.request.call.subcommand->name != "restore";
}

bool HeldByGroup(const StartCase& now) {
  return OnHostNetwork(now) && now.network.host_network == HostNetwork::kCgroup;
}

// Why its control group cannot hold it.
Result<std::optional<Obstacle>> ObstacleToGroup(const StartCase& now) {
  const std::string way = TRY(WayOutOfGroup(now));
  if (way.empty()) return std::optional<Obstacle>();
  return std::optional<Obstacle>(
      Obstacle{"network.host",
               "it shares the host's network, and could leave the control group that its network "
               "rules hold: " +
                   way,
               "mount no control groups, or give it a network of its own"});
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
  if (OnHostNetwork(now) && now.network.host_network == HostNetwork::kDeny) {
    return Obstacle{
        "network.host",
        "it shares the host's network, or one that cannot be looked at, where no rules are "
        "installed",
        "give it a network of its own, or its profile \"hostNetwork\": \"cgroup\" or \"allow\""};
  }
  const bool refuses = now.network.capabilities == NetworkCapabilities::kRefuse;
  const CapabilityMask guarded = Guarded(now);
  if (refuses && HasNetworkCapabilities(config.Find("process"), guarded)) {
    return Obstacle{"network.capabilities",
                    "it asks for " + NetworkCapabilityNames(guarded) +
                        ", with which it could go round its rules",
                    "drop them (--cap-drop NET_ADMIN --cap-drop NET_RAW ...)"};
  }
  return std::nullopt;
}

}  // namespace

bool InstallsNetwork(const StartCase& now) {
  return now.network.given && StartsHere(now) && (!OnHostNetwork(now) || HeldByGroup(now));
}

bool JoinsPeers(const StartCase& now) {
  return StartsHere(now) && !OnHostNetwork(now) && NamesContainers(now.policy);
}

Result<void> ControlNetwork(StartCase& now) {
  if (now.decision.outcome == Outcome::kDeny) return {};
  now.network = NetworkRuleOf(now.policy, now.decision.profile);
  if (!now.network.given) return {};
  std::optional<Obstacle> found = FindObstacle(now);
  if (!found && HeldByGroup(now)) found = TRY(ObstacleToGroup(now));
  if (!found) return {};
  now.decision = WithObstacle(std::move(now.decision), found->rule, found->reason, found->hint);
  SetDecision(now.request, now.decision);
  return {};
}

Result<void> HoldAtStart(const Paths& paths, const Record& record) {
  if (record.network.empty() || record.mode == Mode::kAudit) return {};
  const NetworkRule rule = TRY(ParseNetworkRecord(record.network));
  if (rule.capabilities != NetworkCapabilities::kVeth) return {};
  const std::string key = RecordKey(record.root, record.id);
  const std::string note = RecordDirectory(paths, key) + "/" + std::string(kNetworkProcess);
  if (access(note.c_str(), F_OK) != 0 && errno == ENOENT) return {};  // no rules were installed
  const NetworkProcess first = TRY(ReadNetworkProcess(paths, key));
  if (!first.own_network) return {};  // its control group holds it
  constexpr int kSeconds = 10;        // it may have others to prove
  const auto taken = TRY(RegisterNetwork(paths, key, first.pid, kSeconds));
  if (taken && taken->held) return {};
  if (!taken) {
    return Error{
        "what was plugged into its network since it was created is to be held to its "
        "rules by an agent, and none runs",
        "systemctl start runward-agent"};
  }
  return Error{"not all that leads out of its network can be held to its rules",
               "the event log says which interface is not (rule network.cable); give it a "
               "bridge's network alone, or its profile \"capabilities\": \"withhold\""};
}

Result<void> WithholdFromExec(Request& request, const std::string& process) {
  Invocation& call = request.call;
  const auto record = TRY(ReadRecord(request.paths, request.root, call.id()));
  if (!record || record->network.empty() || record->mode == Mode::kAudit) return {};
  const NetworkRule rule = TRY(ParseNetworkRecord(record->network));
  // As runward-hook saw it: by now it may be in others that it made.
  const std::string key = RecordKey(record->root, record->id);
  const Result<NetworkProcess> first = ReadNetworkProcess(request.paths, key);
  const CapabilityMask guarded =
      GuardedCapabilities(rule, {.on_host = !first.ok() || !first.value().own_network});
  if (guarded == 0) return {};
  const Error refused{"the exec asks for " + NetworkCapabilityNames(guarded) +
                          ", with which it could go round the container's network rules",
                      "leave them out"};
  for (const std::string& word : call.Values("cap")) {
    if (IsNetworkCapability(word, guarded)) return refused;
  }
  if (process.empty()) return {};
  const JsonDocument document = TRY(JsonDocument::Parse(process));
  const std::string changed = WithoutNetworkCapabilities(document, document.root(), guarded);
  if (changed.empty()) return {};
  if (rule.capabilities == NetworkCapabilities::kRefuse) return refused;
  const UniqueFd kept = TRY(InMemory(changed));
  call.Set("process", TRY(HandOn(kept)));
  return {};
}

Result<void> KeepExecInGroup(const Request& request, const std::string& asked) {
  if (asked.empty()) return {};
  const auto record = TRY(ReadRecord(request.paths, request.root, request.call.id()));
  if (!record || record->network.empty() || record->mode == Mode::kAudit) return {};
  const NetworkRule rule = TRY(ParseNetworkRecord(record->network));
  if (rule.host_network != HostNetwork::kCgroup) return {};
  return Error{"the exec asks for " + asked + ", outside the one that its network rules may hold",
               "leave it out"};
}

Result<void> WithholdNetwork(StartCase& now) {
  const bool enforced = now.decision.mode == Mode::kEnforce;
  const bool refused = now.network.capabilities == NetworkCapabilities::kRefuse;
  if (!now.network.given || !enforced || refused || now.decision.outcome == Outcome::kDeny) {
    return {};
  }
  return now.result->WithholdNetwork(Guarded(now));
}

}  // namespace runward
