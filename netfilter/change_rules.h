#pragma once

#include "base/result.h"
#include "netfilter/net_namespace.h"
#include "netfilter/open_connections.h"
#include "netfilter/plan.h"
#include "policy/network_judge.h"

namespace runward {

// Puts rules in the place of those that a running container has: in one transaction, so that each
// packet meets the old ones or the new ones whole. An Error leaves the old ones, and nothing is
// cut.
//
// Then looks at the connections that were open: those that the new rules deny are cut or kept, as
// `rule` says. In audit mode none is denied; of a container that shares its network, none that its
// rules did not let begin. `plan` is `container`'s.
Result<DeniedConnections> ChangeRules(const NetNamespace& space, const NetworkRule& rule,
                                      const PlanFor& container, const NetfilterPlan& plan,
                                      const PeerIsNamed& named);

// Takes all rules of the container with that key away, if there are any.
Result<void> RemoveRules(const NetNamespace& space, const std::string& key);

}  // namespace runward
