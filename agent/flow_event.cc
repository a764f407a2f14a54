#include "agent/flow_event.h"

#include "netfilter/packet_view.h"
#include "oci/container_event.h"

namespace runward {
namespace {

EventAction ActionOf(FlowKind kind) {
  switch (kind) {
    case FlowKind::kDenied:
      return EventAction::kDenied;
    case FlowKind::kWouldDeny:
      return EventAction::kWouldDeny;
    default:
      return EventAction::kAllowed;
  }
}

std::string Times(uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// "tcp to 192.0.2.1 (api.example.com) port 443"
std::string Words(const EventFlow& flow) {
  if (flow.peer.empty()) return flow.ingress ? "from several peers" : "to several peers";
  std::string text = flow.protocol + (flow.ingress ? " from " : " to ") + flow.peer;
  if (!flow.peer_name.empty()) text += " (" + flow.peer_name + ")";
  if (flow.port == 0) return text;
  const bool icmp = flow.protocol.starts_with("icmp");
  return text + (icmp ? " type " : " port ") + std::to_string(flow.port);
}

}  // namespace

std::string PlaceOf(const NetworkRule& rule, const FlowKey& key) {
  const NetworkDirection& direction = key.ingress ? rule.ingress : rule.egress;
  const auto index = static_cast<size_t>(key.rule);
  if (key.rule >= 0 && index < direction.rules.size()) return direction.rules[index].place;
  if (key.rule == kNoRule) return "";
  return key.ingress ? "network.ingress.default" : "network.egress.default";
}

Event EventOf(const FlowContext& context, const FlowTable::Flow& told) {
  const FlowKey& key = told.key;
  Event event = EventAbout(context.record, ActionOf(key.kind));
  event.operation = "network";
  event.rule = PlaceOf(context.rule, key);
  EventFlow flow{.ingress = key.ingress,
                 .count = static_cast<int64_t>(told.counts.count),
                 .bytes_out = static_cast<int64_t>(told.counts.bytes_out),
                 .bytes_in = static_cast<int64_t>(told.counts.bytes_in)};
  if (!told.others) {
    flow.protocol = ProtocolName(key.protocol);
    flow.peer = FormatAddress(key.peer);
    flow.port = key.port;
    if (context.dns != nullptr) flow.peer_name = context.dns->addresses().NameOf(key.peer);
  }
  const bool connection = key.kind == FlowKind::kConnection;
  event.reason = Times(told.counts.count, connection ? "connection" : "packet") + " " + Words(flow);
  event.flow = std::move(flow);
  return event;
}

Event EventOf(const FlowContext& context, const DnsRefusal& refusal, uint64_t count) {
  const bool audit = context.record.mode == Mode::kAudit;
  Event event = EventAbout(context.record, audit ? EventAction::kWouldDeny : EventAction::kDenied);
  event.operation = "dns";
  event.rule = refusal.rule;
  event.reason = refusal.reason;
  if (count > 1) event.reason += "; it asked " + Times(count, "time");
  event.flow = EventFlow{.peer_name = refusal.name, .count = static_cast<int64_t>(count)};
  return event;
}

Event EventOfMissing(const FlowContext& context, const DeniedPlace& place, uint64_t packets,
                     bool unread) {
  const bool audit = context.record.mode == Mode::kAudit;
  Event event = EventAbout(context.record, audit ? EventAction::kWouldDeny : EventAction::kDenied);
  event.operation = "network";
  event.rule = PlaceOf(context.rule, {.ingress = place.ingress, .rule = place.rule});
  event.reason = Times(packets, "packet") + (unread ? " while no agent told of them"
                                                    : " more than there was room to tell apart");
  event.flow = EventFlow{.ingress = place.ingress, .count = static_cast<int64_t>(packets)};
  return event;
}

Event EventOfReading(const FlowContext& context, std::string rule, std::string reason,
                     EventAction action, uint64_t count) {
  Event event = EventAbout(context.record, action);
  event.operation = "network";
  event.rule = std::move(rule);
  event.reason = std::move(reason);
  event.flow = EventFlow{.count = static_cast<int64_t>(count)};
  return event;
}

}  // namespace runward
