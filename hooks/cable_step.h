#pragma once

#include <sys/types.h>

#include <string>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Has the agent hold the container of the record of that key to its network rules at the host's end
// of its cables, where they ask for it ("capabilities": "veth"), before its first process has
// started anything. True where they do. An Error means that the container is not held there.
Result<bool> HoldCables(const Paths& paths, const std::string& key, pid_t pid);

}  // namespace runward
