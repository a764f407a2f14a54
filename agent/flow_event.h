#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/denied_account.h"
#include "agent/dns_proxy.h"
#include "agent/flow_table.h"
#include "base/event.h"
#include "oci/record.h"
#include "policy/network_rule.h"

namespace runward {

// Whose flows are told of.
struct FlowContext {
  const Record& record;
  const NetworkRule& rule;
  const DnsProxy* dns = nullptr;
};

Event EventOf(const FlowContext& context, const FlowTable::Flow& flow);
Event EventOf(const FlowContext& context, const DnsRefusal& refusal, uint64_t count);
// Packets that a rule denied, or would have, of which its counter alone tells. `unread`: while no
// agent read what is logged.
Event EventOfMissing(const FlowContext& context, const DeniedPlace& place, uint64_t packets,
                     bool unread);
// Something about the reading itself: `rule` is "network.events", "network.lost" or the like.
Event EventOfReading(const FlowContext& context, std::string rule, std::string reason,
                     EventAction action, uint64_t count);

// "network.egress.allow[2]", "network.egress.default"; "" when it is not known.
std::string PlaceOf(const NetworkRule& rule, const FlowKey& key);

}  // namespace runward
