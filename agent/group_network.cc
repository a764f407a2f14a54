#include "agent/group_network.h"

#include <fcntl.h>

#include <cerrno>

#include "agent/group_proof.h"
#include "agent/kernel_pins.h"
#include "base/fd.h"
#include "netfilter/cgroup_plan.h"
#include "netfilter/network_scope.h"

namespace runward {
namespace {

std::string PinsOf(const Paths& paths) { return paths.run + "/bpf-network"; }

}  // namespace

Result<std::unique_ptr<GroupNetwork>> GroupNetwork::Open(const Paths& paths, std::string key,
                                                         const NetworkNote& note, Poller& poller) {
  std::unique_ptr<GroupNetwork> one(new GroupNetwork(paths, std::move(key), note, poller));
  TRY(one->Begin());
  if (one->rule_.host_network != HostNetwork::kCgroup) {
    return Error{"the container is in the host's network, where no rules are installed", ""};
  }
  TRY(one->Hold());
  TRY(one->OpenReader());
  return one;
}

GroupNetwork::~GroupNetwork() {
  if (!told_) return;
  Close();
  poller_.Remove(told_->fd());
}

Result<void> GroupNetwork::Hold() {
  const auto scope = TRY(ReadNetworkScope(ScopeFile(paths_, key_)));
  if (!scope) {
    return Error{"which control group the container has is not known", "start the container again"};
  }
  const std::string group = TRY(GroupDirectory(*scope));
  TRY(PreparePins(PinsOf(paths_)));
  const std::string name = key_ + "-" + std::to_string(scope->id);
  const std::string dir = PinPath(PinsOf(paths_), name + "-" + std::to_string(RW_HOST_LAYOUT));
  if (auto found = TRY(GroupRules::Open(dir))) {
    rules_ = *std::move(found);
    return {};
  }
  RemoveGroupRules(dir);  // of an agent that was killed before it had proved them
  const CgroupPlan plan = TRY(BuildCgroupPlan(rule_));
  const UniqueFd opened(open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return ErrnoError("open \"" + group + "\"", errno);
  const bool audit = record_.mode == Mode::kAudit;
  rules_ = TRY(GroupRules::Attach(dir, opened.get(), plan, audit));
  if (audit) return {};  // nothing is denied, also not for a proof: the container may run
  Result<void> held = ProveGroup(group, rules_);
  if (held.ok()) held = rules_.SetState(RW_HOST_RULED);
  if (!held.ok()) RemoveGroupRules(dir);
  return held;
}

Result<void> GroupNetwork::OpenReader() {
  told_ =
      TRY(RuleEvents::Open(rules_.events(), [this](const FlowKey& key, const FlowCounts& counts) {
        if (key.kind != FlowKind::kConnection) {
          account_.Saw({.ingress = key.ingress, .rule = key.rule}, counts.count);
        }
        log_.Add(key, counts);
      }));
  // What nobody read is told of by the counters, once.
  TellMissing(account_.Begin(Counted()), /*unread=*/true);
  return poller_.Add(told_->fd(), [this] { ReadLogged(); });
}

Result<DeniedConnections> GroupNetwork::Apply() {
  return Error{"its network rules are held by its control group, and do not change while it runs",
               "start the container again"};
}

size_t SweepGroupRules(const Paths& paths) {
  size_t left = 0;
  for (const std::string& name : PinnedVersions(PinsOf(paths))) {
    const std::string dir = PinPath(PinsOf(paths), name);
    if (HoldsNothing(dir)) {
      RemoveGroupRules(dir);
    } else {
      ++left;
    }
  }
  return left;
}

}  // namespace runward
