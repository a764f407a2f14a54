#pragma once

#include <sys/types.h>

#include <string>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Has the agent hold a container that shares the host's network to the network rules of the record
// of that key, by its control group, before its first process has started anything. Nothing is
// installed in the host's network namespace. An Error means that the container is not held.
Result<void> HoldByGroup(const Paths& paths, const std::string& key, pid_t pid);

}  // namespace runward
