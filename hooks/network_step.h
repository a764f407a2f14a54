#pragma once

#include <sys/types.h>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Installs the network rules of the record of that key in the network namespace of the container's
// first process, which has not started anything of the container's yet. An Error means that the
// container is not held to its rules.
//
// A network namespace that other processes live in (a pod, --network container:X) is refused: the
// rules would be theirs as well.
Result<void> InstallNetwork(const Paths& paths, const std::string& key, pid_t pid);

// Has the agent tell of that network, before there is anything to tell. An Error means that nobody
// does; rules hold without.
Result<void> WatchNetwork(const Paths& paths, const std::string& key, pid_t pid);

}  // namespace runward
