#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "policy/network_rule.h"

namespace runward {

// The beginning of a conversation, as network rules look at it.
struct NetworkFlow {
  Direction direction = Direction::kEgress;
  Address peer;
  uint8_t protocol = 0;
  uint16_t port = 0;  // the listening side's; 0 for a protocol without
  uint8_t icmp_type = 0;
};

struct FlowVerdict {
  bool allow = false;
  std::optional<uint32_t> rule;  // nullopt: the direction's default
};

// Whether the address is, at this moment, one of a name or of a container that the rule lists.
using PeerIsNamed = std::function<bool(const NetworkRuleItem& item, const Address& peer)>;

// What the rules say of it, as the kernel would (netfilter/plan.h). Rates are not looked at: they
// count what begins. What always passes (the loopback, neighbours) is not known here.
FlowVerdict JudgeFlow(const NetworkRule& rule, const NetworkFlow& flow, const PeerIsNamed& named);

}  // namespace runward
