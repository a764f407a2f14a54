#pragma once

#include "agent/rule_maps.h"
#include "base/result.h"
#include "netfilter/open_connections.h"

namespace runward {

// Looks at each conversation that programs know of (agent/bpf/rules.h), and has them forget those
// that rules deny which have come into force since, when `cut`: what else comes of them is judged
// as new. One that has ended is forgotten, too, and not counted.
Result<DeniedConnections> CutFlows(const RuleMaps& rules, bool cut);

}  // namespace runward
