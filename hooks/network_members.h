#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "netfilter/net_namespace.h"

namespace runward {

// The other processes of the process' network namespace. One that ends meanwhile, or that has no
// network namespace any more, is none.
Result<std::vector<pid_t>> OthersInNetwork(const NetNamespace& space, pid_t pid);

// Whether a control group (UnifiedGroupOf) is one of these or lies beneath one. Everybody's, "/",
// is none of them.
bool IsWithin(const std::string& group, const std::vector<std::string>& groups);

// Whether a process is in none of these control groups. One that has ended is no stranger.
Result<bool> IsStranger(pid_t pid, const std::vector<std::string>& groups);

}  // namespace runward
