#pragma once

#include <sys/types.h>

namespace runward {

// A process in the network and the user namespace of `pid` that has, or can have (its bounding
// set), NET_ADMIN or NET_RAW there; 0 when there is none, as in a container from which both were
// withheld. Who joins later is not seen.
pid_t HolderOfNetworkCapabilities(pid_t pid);
// A process in the control group of `pid`, or below it, that has or can have NET_ADMIN, NET_RAW,
// SYS_ADMIN or BPF; 0 when there is none.
pid_t HolderInGroup(pid_t pid);

}  // namespace runward
