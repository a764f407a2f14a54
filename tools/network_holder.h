#pragma once

#include <sys/types.h>

namespace runward {

// A process in the network and the user namespace of `pid` that has, or can have (its bounding
// set), NET_ADMIN or NET_RAW there; 0 when there is none, as in a container from which both were
// withheld. Who joins later is not seen.
pid_t HolderOfNetworkCapabilities(pid_t pid);

}  // namespace runward
