#include "agent/rule_events.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace runward {
namespace {

constexpr int kAtOnce = 2048;

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

void RuleEvents::Free::operator()(ring_buffer* ring) const { ring_buffer__free(ring); }

Result<std::unique_ptr<RuleEvents>> RuleEvents::Open(int map, Visitor visit) {
  std::unique_ptr<RuleEvents> events(new RuleEvents);
  events->ring_.reset(ring_buffer__new(map, See, events.get(), nullptr));
  if (!events->ring_) return ErrnoError("cannot read the BPF ring buffer", errno);
  ring_buffer__consume(events->ring_.get());
  events->visit_ = std::move(visit);
  return events;
}

int RuleEvents::fd() const { return ring_buffer__epoll_fd(ring_.get()); }

void RuleEvents::Read() {
  seen_ = 0;
  ring_buffer__consume(ring_.get());
}

int RuleEvents::See(void* self, void* data, size_t size) {
  auto* one = static_cast<RuleEvents*>(self);
  if (!one->visit_ || size < sizeof(rw_host_event)) return 0;
  rw_host_event event;
  memcpy(&event, data, sizeof event);
  one->visit_(KeyOf(event), {.count = 1,
                             .bytes_out = event.ingress != 0 ? 0 : event.bytes,
                             .bytes_in = event.ingress != 0 ? event.bytes : 0});
  return ++one->seen_ < kAtOnce ? 0 : -EAGAIN;
}

}  // namespace runward
