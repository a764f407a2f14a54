#include "hooks/decide_step.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/trusted_path.h"
#include "hooks/root_check.h"
#include "netfilter/net_namespace.h"
#include "oci/container_event.h"
#include "oci/load.h"
#include "oci/network_config.h"
#include "oci/network_record.h"
#include "oci/peer_task.h"
#include "oci/record.h"
#include "oci/spec.h"
#include "oci/start_root.h"
#include "policy/container_peer.h"

namespace runward {
namespace {

// What the decision goes by.
struct Evidence {
  std::optional<JsonDocument> config;
  std::string exposed;
  Policy policy;
  StartRoot root;
  bool on_hosts_network = false;  // as config.json says, or by what it joined
};

Result<Evidence> Look(const Paths& paths, const HookedStart& start) {
  const auto id = ContainerId::Parse(start.id);
  if (!id) return Error{"the container's state has no id", ""};
  const std::string bundle = TRY(Resolve(start.bundle));
  const std::string path = bundle + "/config.json";
  Evidence seen;
  std::string text = TRY(ReadFileCapped(path, kMaxSpecBytes, Trust::kAnyone));
  seen.config = TRY(ReadSpec(std::move(text), path));
  const Spec spec = TRY(SpecFrom(*seen.config, path, bundle));
  const Result<std::string> trusted = ResolveTrusted(path);
  if (!trusted.ok()) seen.exposed = trusted.error().message;
  seen.policy = TRY(LoadPolicyAgain(paths));
  seen.root = TRY(LookAtRoot(spec, *id));
  seen.on_hosts_network = SharesHostNetwork(seen.config->root()) || TRY(InHostsNetwork(start.pid));
  return seen;
}

// The image is that of the configuration's root, unless a mount has covered it.
Result<void> CheckRoot(const HookedStart& start, const StartRoot& root) {
  struct stat info {};
  if (root.rootfs.empty() || !root.image.chain) return {};
  if (stat(root.rootfs.c_str(), &info) != 0) {
    return ErrnoError("stat \"" + root.rootfs + "\"", errno);
  }
  return CheckContainerRoot(start.pid,
                            {.path = root.rootfs, .device = info.st_dev, .inode = info.st_ino});
}

Decision WithoutShim(Decision decision, const Policy& policy) {
  const auto profile = std::ranges::find(policy.profiles, decision.profile, &Profile::name);
  if (profile == policy.profiles.end()) return decision;
  if (!profile->run && !profile->commands && !profile->secrets) return decision;
  return WithObstacle(
      std::move(decision), "hook.alone",
      "its profile has \"run\", \"commands\" or \"secrets\", which a hook alone cannot hold "
      "it to",
      "have the engine call runward: runwardctl configure");
}

Decision WithNetwork(Decision decision, const NetworkRule& rule, const Evidence& seen) {
  if (!rule.given) return decision;
  const JsonValue config = seen.config->root();
  if (seen.on_hosts_network && rule.host_network != HostNetwork::kAllow) {
    return WithObstacle(std::move(decision), "network.host",
                        "it shares the host's network, where a hook alone installs no rules",
                        "give it a network of its own, or have the engine call runward: "
                        "runwardctl configure");
  }
  NetworkRule alone = rule;  // nothing is held by its control group here
  alone.host_network = HostNetwork::kDeny;
  const CapabilityMask guarded = GuardedCapabilities(alone, {});
  if (!HasNetworkCapabilities(config.Find("process"), guarded)) return decision;
  return WithObstacle(
      std::move(decision), "network.capabilities",
      "it has " + NetworkCapabilityNames(guarded) +
          ", with which it could go round its rules, and which a hook cannot withhold",
      "drop both (--cap-drop NET_ADMIN --cap-drop NET_RAW)");
}

Event EventOf(const HookedStart& start, const Evidence& seen, const Decision& decision) {
  Event event{.id = NewEventId(), .time = Now()};
  event.operation = "create";
  event.policy_sha256 = seen.policy.digest;
  event.container_id = start.id;
  event.bundle = start.bundle;
  SetDecision(event, decision);
  SetImage(event, seen.root.image);
  return event;
}

// The runtime's own directory is not known here: the record lives as long as the first process.
Result<std::string> KeepRecord(const Paths& paths, const HookedStart& start, const Evidence& seen,
                               const Event& event, const Decision& decision) {
  Record record = RecordOfStart(event, decision, start.pid);
  record.root = paths.run + "/hooked";
  record.rootfs = seen.root.rootfs;
  record.network = FormatNetworkRecord(seen.policy, decision.profile);
  record.events = seen.policy.events;
  if (TRY(CreateRecord(paths, record)) == Recorded::kWritten) {
    return RecordKey(record.root, record.id);
  }
  return Error{"another container that lives has its id", "choose another id"};
}

}  // namespace

Result<OwnDecision> DecideHere(const Paths& paths, const HookedStart& start) {
  const Evidence seen = TRY(Look(paths, start));
  const std::vector<FoundEnvelopes> found = TRY(LoadVerdicts(paths, seen.policy, seen.root.image));
  Decision decision = Decide(seen.policy, seen.root.image, found, Start::kCreate, Now());
  decision = WithExposure(std::move(decision), seen.exposed);
  const NetworkRule rule = NetworkRuleOf(seen.policy, decision.profile);
  decision = WithNetwork(WithoutShim(std::move(decision), seen.policy), rule, seen);
  if (const Result<void> covered = CheckRoot(start, seen.root); !covered.ok()) {
    decision = WithObstacle(std::move(decision), "image.covered", covered.error().message,
                            covered.error().hint);
  }
  const EventRule& events = seen.policy.events;
  OwnDecision own{.event = EventOf(start, seen, decision)};
  own.log = LogOptions(events);
  own.audit = decision.mode == Mode::kAudit;
  own.required = events.required && !own.audit;
  const bool networked = decision.outcome != Outcome::kDeny && !seen.on_hosts_network;
  own.installs = rule.given && networked;
  const bool peer = networked && NamesContainers(seen.policy);
  // Nobody tells of containers' ends here.
  SweepRecords(paths, "", "");
  if (own.installs || peer) own.key = TRY(KeepRecord(paths, start, seen, own.event, decision));
  if (peer) own.peer = PeerTaskFor(decision, own.key);
  return own;
}

}  // namespace runward
