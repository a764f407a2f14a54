#pragma once

#include <string>

#include "oci/hook_entry.h"
#include "policy/decide.h"

namespace runward {

// What a start that was decided so is to others' network rules, by nothing that an engine's user
// could choose: who is let through is vouched for as who gets secrets is.
PeerTask PeerTaskFor(const Decision& decision, std::string key);

}  // namespace runward
