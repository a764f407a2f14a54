#pragma once

#include <sys/types.h>

#include <functional>

#include "base/paths.h"
#include "base/result.h"
#include "netfilter/plan.h"
#include "policy/network_rule.h"

namespace runward {

// In a network namespace that other processes live in (a pod, --network container:X) a container's
// rules hold for its control group: leaves beside the record which that is, for all who need to
// know. An Error where it cannot be told.
Result<void> NarrowNetwork(const Paths& paths, const std::string& key, pid_t pid);

// Installs the network rules of the record of that key in the network namespace of the container's
// first process, which has not started anything of the container's yet, with what `fill` puts into
// the plan's sets. An Error means that the container is not held to its rules.
using FillPlan = std::function<Result<void>(const NetworkRule&, NetfilterPlan&)>;
Result<void> InstallNetwork(const Paths& paths, const std::string& key, pid_t pid,
                            const FillPlan& fill);

// Has the agent tell of that network, before there is anything to tell. An Error means that nobody
// does; rules hold without.
Result<void> WatchNetwork(const Paths& paths, const std::string& key, pid_t pid);

}  // namespace runward
