#include "agent/group_network.h"

#include <bpf/libbpf.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent/group_proof.h"
#include "agent/kernel_pins.h"
#include "base/fd.h"
#include "netfilter/cgroup_plan.h"
#include "netfilter/network_scope.h"

namespace runward {
namespace {

constexpr int kAtOnce = 2048;  // events, before others have their turn

std::string PinsOf(const Paths& paths) { return paths.run + "/bpf-network"; }

FlowKind KindOf(uint8_t kind) {
  if (kind == RW_HOST_BEGAN) return FlowKind::kConnection;
  return kind == RW_HOST_WOULD_DENY ? FlowKind::kWouldDeny : FlowKind::kDenied;
}

FlowKey KeyOf(const rw_host_event& event) {
  FlowKey key{.kind = KindOf(event.kind),
              .ingress = event.ingress != 0,
              .protocol = event.protocol,
              .port = event.number,
              .rule = event.rule};
  key.peer.v6 = event.v6 != 0;
  std::copy_n(event.peer, key.peer.size(), key.peer.bytes.begin());
  return key;
}

}  // namespace

void GroupNetwork::Free::operator()(ring_buffer* ring) const { ring_buffer__free(ring); }

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
  if (!ring_) return;
  Close();
  poller_.Remove(ring_buffer__epoll_fd(ring_.get()));
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
  ring_.reset(ring_buffer__new(rules_.events(), See, this, nullptr));
  if (!ring_) return ErrnoError("cannot read the BPF ring buffer", errno);
  // What nobody read is told of by the counters, once.
  skip_ = true;
  ring_buffer__consume(ring_.get());
  skip_ = false;
  TellMissing(account_.Begin(Counted()), /*unread=*/true);
  return poller_.Add(ring_buffer__epoll_fd(ring_.get()), [this] { ReadEvents(); });
}

int GroupNetwork::See(void* self, void* data, size_t size) {
  auto* one = static_cast<GroupNetwork*>(self);
  if (one->skip_ || size < sizeof(rw_host_event)) return 0;
  rw_host_event event;
  memcpy(&event, data, sizeof event);
  const FlowKey key = KeyOf(event);
  const bool denied = key.kind != FlowKind::kConnection;
  if (denied) one->account_.Saw({.ingress = key.ingress, .rule = key.rule}, 1);
  one->log_.Add(key, {.count = 1,
                      .bytes_out = key.ingress ? 0 : event.bytes,
                      .bytes_in = key.ingress ? event.bytes : 0});
  return ++one->seen_ < kAtOnce ? 0 : -EAGAIN;
}

void GroupNetwork::ReadEvents() {
  seen_ = 0;
  ring_buffer__consume(ring_.get());
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
