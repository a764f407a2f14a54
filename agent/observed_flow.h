#pragma once

#include <optional>
#include <string>

#include "agent/denied_account.h"
#include "agent/flow_table.h"
#include "netfilter/conntrack.h"
#include "netfilter/nflog.h"

namespace runward {

// What the kernel tells of a container's network, as flows.

struct ObservedFlow {
  FlowKey key;
  FlowCounts counts;
};
// nullopt for one that was not logged by a rule of ours.
std::optional<ObservedFlow> ObservedFlowOf(const NflogPacket& logged);
// nullopt for one that no rule of the container of that record let through: the mark says whose
// did, which matters where containers share a namespace.
std::optional<ObservedFlow> ObservedFlowOf(const Connection& one, const std::string& key);

// What the rules of the container of that record counted, by a socket in its network namespace;
// nothing where there are none.
DeniedTotals CountedDenials(nl_sock* socket, const std::string& key);

}  // namespace runward
