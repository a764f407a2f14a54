#include "agent/group_network.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "agent/group_hold.h"
#include "agent/group_links.h"
#include "agent/group_proof.h"
#include "agent/kernel_pins.h"
#include "agent/open_flows.h"
#include "base/fd.h"
#include "base/file.h"
#include "netfilter/cgroup_plan.h"
#include "netfilter/network_scope.h"
#include "oci/container_event.h"
#include "oci/network_record.h"
#include "oci/record_json.h"

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
  return one;
}

GroupNetwork::~GroupNetwork() {
  if (!events_) return;
  Close();
  poller_.Remove(events_->fd());
}

Result<Holding> GroupNetwork::holding() {
  if (failed_) return *failed_;
  return proof_ ? Holding::kNotYet : Holding::kYes;
}

Result<WantedRules> GroupNetwork::Wanted(const NetworkRule& rule) const {
  WantedRules wanted;
  wanted.start = std::to_string(note_.pid) + "-" + std::to_string(note_.start);
  wanted.plan = TRY(BuildCgroupPlan(rule));
  wanted.audit = record_.mode == Mode::kAudit;
  return wanted;
}

Result<void> GroupNetwork::Hold() {
  const auto scope = TRY(ReadNetworkScope(ScopeFile(paths_, key_)));
  if (!scope) {
    return Error{"which control group the container has is not known", "start the container again"};
  }
  const std::string group = TRY(GroupDirectory(*scope));
  TRY(PreparePins(PinsOf(paths_)));
  const std::string name = key_ + "-" + std::to_string(scope->id);
  dir_ = PinPath(PinsOf(paths_), name + "-" + std::to_string(RW_HOST_LAYOUT));
  const UniqueFd opened(open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return ErrnoError("open \"" + group + "\"", errno);
  const WantedRules wanted = TRY(Wanted(rule_));
  GroupHold hold = TRY(HoldGroup(dir_, opened.get(), wanted));
  rules_ = std::move(hold.rules);
  if (!hold.went_on) Restart();
  return hold.proved ? Watch() : Prove(group);
}

Result<void> GroupNetwork::Prove(const std::string& group) {
  proof_ = TRY(ProofProcess::Begin(
      poller_, [this, group] { return ProveGroup(group, rules_); },
      [this](const Result<void>& found) { Proved(found); }));
  return {};
}

// What could not be proved stays closed.
void GroupNetwork::Proved(Result<void> found) {
  proof_.reset();
  if (found.ok()) found = rules_.SetState(RW_HOST_RULED);
  if (found.ok()) found = Watch();
  if (found.ok()) return;
  failed_ = found.error();
  if (!restored_) return;  // who has started it asks, and is told
  Report("network.install",
         "nothing of the container's network passes any more: " + failed_->message,
         EventAction::kError, 0);
}

Result<void> GroupNetwork::OpenEvents() {
  events_ =
      TRY(RuleEvents::Open(rules_.events(), [this](const FlowKey& key, const FlowCounts& counts) {
        if (key.kind != FlowKind::kConnection) {
          account_.Saw({.ingress = key.ingress, .rule = key.rule}, counts.count);
        }
        log_.Add(key, counts);
      }));
  return poller_.Add(events_->fd(), [this] { ReadLogged(); });
}

Result<void> GroupNetwork::Watch() {
  TRY(OpenEvents());
  // What nobody read is told of by the counters, once.
  TellMissing(account_.Begin(Counted()), /*unread=*/true);
  return {};
}

DeniedTotals GroupNetwork::Counted() const { return events_ ? rules_.Denied() : DeniedTotals(); }

void GroupNetwork::ReadLogged() {
  if (events_) events_->Read();
}

// What the old rules denied is told of by their names, and the new ones count from the beginning.
Result<void> GroupNetwork::Change(const WantedRules& wanted) {
  RuleMaps rules = TRY(ChangeGroup(dir_, wanted));
  ReadLogged();
  TellLost(/*last=*/true);
  Tell(MonotonicMilliseconds(), /*all=*/true);
  Restart();
  if (events_) poller_.Remove(events_->fd());
  events_.reset();
  rules_ = std::move(rules);
  return {};
}

Result<DeniedConnections> GroupNetwork::Apply() {
  if (proof_ || failed_) {
    return Error{"its control group does not hold it yet", "start the container again"};
  }
  const std::string path = RecordDirectory(paths_, key_) + "/" + std::string(kNextNetwork);
  const std::string text = TRY(ReadFileCapped(path, kMaxRecordBytes, Trust::kOwner));
  NetworkRule rule = TRY(ParseNetworkRecord(text));
  if (!rule.given || rule.host_network != HostNetwork::kCgroup) {
    return Error{"its control group holds it to its rules as long as it runs",
                 "start the container again"};
  }
  const WantedRules wanted = TRY(Wanted(rule));
  const auto in_force = TRY(SetsInForce(dir_));
  const bool others = SetName(wanted) != in_force.front();
  if (others) TRY(Change(wanted));
  const bool cut = rule.cut_on_change;
  rule_ = std::move(rule);
  if (others) {
    const Result<void> opened = OpenEvents();
    if (!opened.ok()) {
      Report("network.events", "nothing is told of any more: " + opened.error().message,
             EventAction::kError, 0);
    }
  }
  if (wanted.audit) return DeniedConnections{};
  return CutFlows(rules_, cut);
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
