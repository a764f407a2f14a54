#include "agent/observed_flow.h"

#include "netfilter/log_prefix.h"
#include "netfilter/names.h"
#include "netfilter/read_rules.h"

namespace runward {
namespace {

int32_t IndexOf(const std::optional<uint32_t>& rule) {
  return rule ? static_cast<int32_t>(*rule) : -1;
}

}  // namespace

std::optional<ObservedFlow> ObservedFlowOf(const NflogPacket& logged) {
  const std::optional<LogPrefix> prefix = ParseLogPrefix(logged.prefix);
  if (!prefix) return std::nullopt;
  const PacketView& packet = logged.packet;
  const bool ingress = prefix->direction == Direction::kIngress;
  const uint16_t port =
      HasPorts(packet.protocol) ? packet.destination_port : uint16_t{packet.icmp_type};
  return ObservedFlow{.key = {.kind = prefix->would_deny ? FlowKind::kWouldDeny : FlowKind::kDenied,
                              .ingress = ingress,
                              .protocol = packet.protocol,
                              .port = port,
                              .rule = IndexOf(prefix->rule),
                              .peer = ingress ? packet.source : packet.destination},
                      .counts = {.count = 1,
                                 .bytes_out = ingress ? 0 : packet.size,
                                 .bytes_in = ingress ? packet.size : 0}};
}

std::optional<ObservedFlow> ObservedFlowOf(const Connection& one, const std::string& key) {
  const std::optional<ConnectionMark> mark = ParseMark(one.mark);
  if (!mark || mark->container != (LogGroup(key) & 0x7fff)) return std::nullopt;
  const bool ingress = mark->direction == Direction::kIngress;
  const uint16_t port = HasPorts(one.protocol) ? one.destination_port : uint16_t{one.icmp_type};
  return ObservedFlow{.key = {.kind = FlowKind::kConnection,
                              .ingress = ingress,
                              .protocol = one.protocol,
                              .port = port,
                              .rule = IndexOf(mark->rule),
                              .peer = ingress ? one.source : one.destination},
                      .counts = {.count = one.ended ? 0U : 1U,
                                 .bytes_out = ingress ? one.bytes_received : one.bytes_sent,
                                 .bytes_in = ingress ? one.bytes_sent : one.bytes_received}};
}

DeniedTotals CountedDenials(nl_sock* socket, const std::string& key) {
  DeniedTotals counted;
  const auto denied = ReadDenied(socket, TableName(key));
  if (!denied.ok()) return counted;
  for (const DeniedCount& one : denied.value()) {
    counted[{.ingress = one.direction == Direction::kIngress, .rule = IndexOf(one.rule)}] +=
        one.packets;
  }
  return counted;
}

}  // namespace runward
