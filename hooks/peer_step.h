#pragma once

#include <sys/types.h>

#include "base/paths.h"
#include "base/result.h"
#include "oci/hook_entry.h"

namespace runward {

// Tells the network rules of running containers of one that starts, whose first process has not
// started anything yet: when it returns, their sets have its addresses where it is their peer, and
// have an ended one's no more that it may have got. An Error where that is not so.
Result<void> JoinPeers(const Paths& paths, const PeerTask& peer, pid_t pid);

// The same of a container with network rules of its own, which it installs, with the addresses of
// those that run.
Result<void> InstallWithPeers(const Paths& paths, const PeerTask& peer, pid_t pid);

}  // namespace runward
