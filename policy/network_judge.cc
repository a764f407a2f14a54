#include "policy/network_judge.h"

#include <algorithm>

#include "policy/network_words.h"

namespace runward {
namespace {

bool InRange(const AddressRange& range, const Address& address) {
  return range.first.v6 == address.v6 && range.first.bytes <= address.bytes &&
         address.bytes <= range.last.bytes;
}

bool FitsAddress(const NetworkRuleItem& item, const NetworkFlow& flow, const PeerIsNamed& named) {
  if (item.any_peer) return true;
  const bool listed = std::ranges::any_of(
      item.ranges, [&](const AddressRange& range) { return InRange(range, flow.peer); });
  const bool by_name = !item.dns.empty() || !item.containers.empty();
  return listed || (by_name && named(item, flow.peer));
}

bool FitsNumbers(const ProtocolMatch& match, const NetworkFlow& flow) {
  if (match.number != flow.protocol) return false;
  if (!match.types.empty()) {
    return std::ranges::find(match.types, flow.icmp_type) != match.types.end();
  }
  return match.ports.empty() || std::ranges::any_of(match.ports, [&](const PortRange& range) {
           return range.first <= flow.port && flow.port <= range.last;
         });
}

bool Fits(const NetworkRuleItem& item, const NetworkFlow& flow, const PeerIsNamed& named) {
  const bool protocol = item.protocols.empty() ||
                        std::ranges::any_of(item.protocols, [&](const ProtocolMatch& match) {
                          return FitsNumbers(match, flow);
                        });
  return protocol && FitsAddress(item, flow, named);
}

}  // namespace

FlowVerdict JudgeFlow(const NetworkRule& rule, const NetworkFlow& flow, const PeerIsNamed& named) {
  if (!rule.given) return {.allow = true, .rule = std::nullopt};
  const bool egress = flow.direction == Direction::kEgress;
  const NetworkDirection& direction = egress ? rule.egress : rule.ingress;
  for (size_t i = 0; i < direction.rules.size(); ++i) {
    const NetworkRuleItem& item = direction.rules[i];
    if (!Fits(item, flow, named)) continue;
    return {.allow = item.allow, .rule = static_cast<uint32_t>(i)};
  }
  return {.allow = direction.default_allow, .rule = std::nullopt};
}

}  // namespace runward
