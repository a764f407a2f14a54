#include "hooks/network_step.h"

#include <string>

#include "hooks/network_members.h"
#include "netfilter/install.h"
#include "netfilter/network_scope.h"
#include "oci/agent_client.h"
#include "oci/network_process.h"
#include "oci/network_record.h"
#include "oci/record.h"

namespace runward {
namespace {

// Where the agent resolves the names of the rules, and who keeps up the addresses of containers. In
// audit mode names are resolved as if there were no rules when no agent does it.
Result<void> AddAgent(const Paths& paths, pid_t pid, const NetworkRule& rule, PlanFor& container) {
  const auto taken = RegisterNetwork(paths, container.key, pid);
  if (taken.ok() && taken.value()) {
    if (!NeedsDns(rule)) return {};
    container.dns = DnsPorts{.embedded = taken.value()->embedded,
                             .direct = taken.value()->direct,
                             .source = taken.value()->source};
    return {};
  }
  if (container.audit) return {};
  if (!taken.ok()) return taken.error();
  return Error{
      NeedsDns(rule)
          ? "its network rules name names, which an agent has to resolve, and none runs"
          : "its network rules name containers, whose ends an agent has to follow, and none "
            "runs",
      "systemctl start runward-agent"};
}

}  // namespace

Result<void> NarrowNetwork(const Paths& paths, const std::string& key, pid_t pid) {
  const NetNamespace space = TRY(ContainerNetwork(pid));
  const std::vector<pid_t> others = TRY(OthersInNetwork(space, pid));
  if (others.empty()) return {};
  const Result<CgroupScope> scope = ControlGroupOf(pid);
  if (scope.ok()) return WriteNetworkScope(ScopeFile(paths, key), scope.value());
  return Error{"it shares the network of process " + std::to_string(others.front()) +
                   ", which its rules would hold as well: " + scope.error().message,
               "give it a network of its own, or the one that it joins a profile with \"network\" "
               "and this one a profile without"};
}

Result<void> InstallNetwork(const Paths& paths, const std::string& key, pid_t pid,
                            const FillPlan& fill) {
  const Record record = TRY(ReadRecordOf(paths, key));
  const NetworkRule rule = TRY(ParseNetworkRecord(record.network));
  if (!rule.given) return Error{"its record has no network rules", "start the container again"};
  const NetNamespace space = TRY(ContainerNetwork(pid));
  PlanFor container{.key = key, .audit = record.mode == Mode::kAudit};
  container.cgroup = TRY(ReadNetworkScope(ScopeFile(paths, key)));
  if (NeedsDns(rule) || NeedsPeers(rule)) TRY(AddAgent(paths, pid, rule, container));
  NetfilterPlan plan = BuildPlan(rule, container);
  if (fill) TRY(fill(rule, plan));
  return InstallPlan(space, plan);
}

Result<void> WatchNetwork(const Paths& paths, const std::string& key, pid_t pid) {
  const Result<void> kept = WriteNetworkProcess(paths, key, pid);
  if (!kept.ok()) return kept.error();
  const auto taken = RegisterNetwork(paths, key, pid);
  if (taken.ok() && taken.value()) return {};
  const std::string why = taken.ok() ? "no runward-agent runs" : taken.error().message;
  return Error{"the network rules hold, but nobody tells of what they deny: " + why,
               "systemctl start runward-agent, which then tells of this container, too"};
}

}  // namespace runward
