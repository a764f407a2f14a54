#pragma once

#include <cstddef>
#include <string>

#include "policy/network_rule.h"
#include "policy/validate.h"

namespace runward {

// Rules of a container that shares the host's network can be held by its control group
// ("hostNetwork": "cgroup"), and those of one with a network of its own at the host's end of its
// cables ("capabilities": "veth"), but not all: names and containers need sets that others fill,
// rates a count, which the programs there (agent/bpf) do not have.

inline constexpr size_t kMostCgroupRules = 256;  // of a direction

// Why the rules cannot be held that way; "" when they can.
std::string WhyNotByCgroup(const NetworkRule& rule);

// The same of a "network" section that asks for one of them, at the words that stand against it.
void CheckHostNetwork(const JsonValue& network, Problems& problems);

}  // namespace runward
