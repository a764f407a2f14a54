#pragma once

#include <string>

#include "agent/rule_maps.h"
#include "base/result.h"

namespace runward {

// Proves that the programs at a control group hold what is in it, before they hold a container: a
// process that joins the group sends and is sent packets over the loopback. Both must fail while
// nothing may pass, and arrive while these packets may; nobody else's do. A kernel can take
// programs whose group its sockets do not know (network classes of version 1 in use, up to 5.15);
// this sees it.
//
// `group` is the group's directory. Leaves the state closed and the counters at 0. Takes
// milliseconds; where the group is frozen, or gets no time, an Error after half a second for each.
Result<void> ProveGroup(const std::string& group, const RuleMaps& rules);

}  // namespace runward
