#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "netfilter/conntrack.h"

namespace runward {

// Open connections that rules which were changed would not let begin any more.
struct DeniedConnections {
  uint64_t kept = 0;
  uint64_t cut = 0;  // forgotten by the kernel: what else comes of them, rules judge as new
};

// Looks at each connection that is open in the calling thread's network namespace, and has the
// kernel forget those that are `denied` when `cut`. One that ends meanwhile is none. It sends
// nothing: the ends of a TCP connection that is cut notice when they wait in vain.
Result<DeniedConnections> CutConnections(const std::function<bool(const Connection&)>& denied,
                                         bool cut);

}  // namespace runward
