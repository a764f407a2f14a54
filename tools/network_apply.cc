#include "tools/network_apply.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "netfilter/cgroup_plan.h"
#include "netfilter/change_rules.h"
#include "netfilter/install.h"
#include "netfilter/network_scope.h"
#include "oci/load.h"
#include "oci/network_record.h"
#include "tools/network_change.h"
#include "tools/network_holder.h"
#include "tools/policy_subject.h"

namespace runward {
namespace {

using What = NetworkApplication::What;

void NotChanged(NetworkApplication& one, std::string why, std::string hint) {
  one.what = What::kNotChanged;
  one.why = std::move(why);
  one.hint = std::move(hint);
}

uint64_t NetworkOf(pid_t pid) {
  struct stat info {};
  const std::string link = "/proc/" + std::to_string(pid) + "/ns/net";
  return pid > 0 && stat(link.c_str(), &info) == 0 ? info.st_ino : 0;
}

// On the host's network.
Result<bool> IsHeldByGroup(const NetworkApplication& one) {
  const NetworkRule rule = TRY(ParseNetworkRecord(one.record.network));
  return rule.host_network == HostNetwork::kCgroup && TRY(InHostsNetwork(one.pid));
}

// What stands against new rules at its control group.
void LookForGroupsObstacles(NetworkApplication& one) {
  const Result<NetworkRule> rule = ParseNetworkRecord(one.network);
  if (!rule.ok()) return NotChanged(one, rule.error().message, rule.error().hint);
  if (!rule.value().given || rule.value().host_network != HostNetwork::kCgroup) {
    return NotChanged(one,
                      "its control group holds it to its rules, and its profile does not ask for "
                      "that any more, which holds from its next start on",
                      "start the container again");
  }
  const Result<CgroupPlan> plan = BuildCgroupPlan(rule.value());
  if (!plan.ok()) NotChanged(one, plan.error().message, plan.error().hint);
}

bool IsAtCables(const std::string& network) {
  const Result<NetworkRule> rule = ParseNetworkRecord(network);
  return rule.ok() && rule.value().capabilities == NetworkCapabilities::kVeth;
}

// What stands against new rules at its cables, or against rules there.
void LookForCablesObstacles(NetworkApplication& one) {
  if (IsAtCables(one.record.network) != IsAtCables(one.network)) {
    return NotChanged(
        one,
        "\"capabilities\" comes to \"veth\", or was it, which holds from its next start "
        "on, and so does the rest",
        "start the container again");
  }
  const Result<NetworkRule> rule = ParseNetworkRecord(one.network);
  if (!rule.ok()) return NotChanged(one, rule.error().message, rule.error().hint);
  const Result<CgroupPlan> plan = BuildCgroupPlan(rule.value());
  if (!plan.ok()) NotChanged(one, plan.error().message, plan.error().hint);
}

// What stands against new rules in that container.
void LookForObstacles(const std::vector<NetworkApplication>& all, NetworkApplication& one) {
  const Result<bool> by_group = IsHeldByGroup(one);
  if (by_group.ok() && by_group.value()) return LookForGroupsObstacles(one);
  if (IsAtCables(one.record.network) || IsAtCables(one.network)) return LookForCablesObstacles(one);
  const Result<NetNamespace> space = ContainerNetwork(one.pid);
  if (!space.ok()) return NotChanged(one, space.error().message, space.error().hint);
  if (!one.record.network.empty()) return;
  const uint64_t network = NetworkOf(one.pid);
  for (const NetworkApplication& other : all) {
    if (other.key == one.key || NetworkOf(other.pid) != network) continue;
    return NotChanged(one,
                      "it shares the network of container \"" + other.record.id +
                          "\", which its rules would hold as well",
                      "give it a network of its own, and start it again");
  }
}

// What of the profile only a start brings.
void LookForRest(const Policy& policy, NetworkApplication& one) {
  const auto profile = std::ranges::find(policy.profiles, one.record.profile, &Profile::name);
  const Result<NetworkRule> rule = ParseNetworkRecord(one.network);
  if (profile == policy.profiles.end() || !rule.ok() || !rule.value().given) return;
  if (profile->mode != one.record.mode) {
    one.why = "the profile's mode has changed: the container keeps the one that it started in";
  } else if (one.record.mode == Mode::kEnforce &&
             rule.value().capabilities != NetworkCapabilities::kKeep &&
             rule.value().capabilities != NetworkCapabilities::kVeth) {
    const Result<bool> by_group = IsHeldByGroup(one);
    const bool in_group = by_group.ok() && by_group.value();
    const pid_t holder = in_group ? HolderInGroup(one.pid) : HolderOfNetworkCapabilities(one.pid);
    if (holder == 0) return;
    one.why = "process " + std::to_string(holder) + " may have " +
              (in_group ? "NET_ADMIN, NET_RAW, SYS_ADMIN or BPF" : "NET_ADMIN or NET_RAW") +
              ", with which it could go round the rules";
  }
  if (!one.why.empty()) one.hint = "start the container again";
}

Result<NetworkApplication> Look(const Paths& paths, const Policy& policy,
                                const PolicySubject& subject) {
  NetworkApplication one{.record = *subject.record};
  one.key = RecordKey(one.record.root, one.record.id);
  const ImageEvidence image = EvidenceOf(subject);
  const std::vector<FoundEnvelopes> found = TRY(LoadVerdicts(paths, policy, image));
  const Decision decision = Decide(policy, image, found, Start::kCreate, Now());
  one.network = FormatNetworkRecord(policy, one.record.profile);
  one.changes = TRY(NetworkChanges(one.record.network, one.network));
  if (!one.changes.empty()) one.what = What::kChanged;
  if (decision.profile == one.record.profile) return one;
  const bool has = !one.record.network.empty() || NetworkRuleOf(policy, decision.profile).given;
  if (!has) {
    one.what = What::kUnchanged;
    return one;
  }
  NotChanged(one,
             decision.profile.empty()
                 ? "no profile governs its image any more"
                 : "another profile governs its image now, \"" + decision.profile + "\"",
             "start the container again");
  return one;
}

Result<DeniedConnections> ChangeHere(const Paths& paths, const NetworkApplication& one) {
  if (TRY(IsHeldByGroup(one))) {
    return Error{
        "its control group holds it to its rules, which an agent has to change, and none "
        "runs",
        "systemctl start runward-agent, and apply again"};
  }
  if (IsAtCables(one.record.network)) {
    return Error{"its cables hold it to its rules, which an agent has to change, and none runs",
                 "systemctl start runward-agent, and apply again"};
  }
  const NetworkRule rule = TRY(ParseNetworkRecord(one.network));
  const NetNamespace space = TRY(ContainerNetwork(one.pid));
  if (!rule.given) {
    TRY(RemoveRules(space, one.key));
    return DeniedConnections{};
  }
  if (NeedsDns(rule) || NeedsPeers(rule)) {
    return Error{
        NeedsDns(rule)
            ? "its rules name names, which an agent has to resolve, and none runs"
            : "its rules name containers, whose ends an agent has to follow, and none runs",
        "systemctl start runward-agent, and apply again"};
  }
  const bool audit = one.record.mode == Mode::kAudit;
  PlanFor container{.key = one.key, .audit = audit};
  container.cgroup = TRY(ReadNetworkScope(ScopeFile(paths, one.key)));
  return ChangeRules(space, rule, container, BuildPlan(rule, container),
                     [](const NetworkRuleItem&, const Address&) { return false; });
}

// The record last: who is interrupted before finds the change still to be made.
Result<void> Change(const Paths& paths, NetworkApplication& one, const std::string& next) {
  TRY(WriteFileAtomic(next, one.network, 0600, /*sync=*/false));
  const auto by_agent = TRY(ApplyNetwork(paths, one.key, one.pid));
  if (by_agent) {
    one.denied = *by_agent;
  } else {
    const DeniedConnections denied = TRY(ChangeHere(paths, one));
    one.denied = {.kept = denied.kept, .cut = denied.cut};
  }
  one.record.network = one.network;
  TRY(RewriteRecord(paths, one.record));
  if (!by_agent) return {};
  return RefreshNetwork(paths, one.key);
}

}  // namespace

Result<std::vector<NetworkApplication>> PlanNetworkChanges(const Paths& paths, const Policy& policy,
                                                           const ContainerRuntime& runtime,
                                                           const std::string& id) {
  std::vector<NetworkApplication> all;
  for (const PolicySubject& subject : TRY(AllContainerSubjects(paths))) {
    const ContainerRuntime::State state = runtime.StateOf(*subject.record);
    if (state.pid == 0 || state.status == "stopped") continue;
    NetworkApplication one = TRY(Look(paths, policy, subject));
    one.pid = state.pid;
    all.push_back(std::move(one));
  }
  for (NetworkApplication& one : all) {
    if (one.what == What::kChanged) LookForObstacles(all, one);
    if (one.what == What::kChanged) LookForRest(policy, one);
  }
  std::erase_if(all, [&](const auto& one) { return !one.record.id.starts_with(id); });
  return all;
}

void ApplyNetworkChange(const Paths& paths, NetworkApplication& one) {
  const std::string next = RecordDirectory(paths, one.key) + "/" + std::string(kNextNetwork);
  const Result<void> changed = Change(paths, one, next);
  unlink(next.c_str());
  if (changed.ok()) return;
  one.what = What::kFailed;
  one.why = changed.error().message;
  one.hint = changed.error().hint;
}

}  // namespace runward
