#pragma once

#include <string_view>

#include "hooks/early_calls.h"

namespace runward {

// Where a container's secrets go, and how they get there, as secrets/place.h and secrets/tmpfs.h
// have it, without the C library (hooks/early_calls.h). Nothing is refused or reported here: what
// is not as it nearly always is, is for them to look at, and to say why.

// The root of the mount namespace of process `pid` (O_PATH), if that is still the host's: before a
// runtime has pivoted. Invalid otherwise.
EarlyFd EarlyNamespaceRoot(int pid);

// Beneath it, as the container would follow the path. Invalid where there is none.
EarlyFd EarlyBeneath(int root, std::string_view path, int flags);

// Whether the descriptor is of that inode of that device.
bool EarlyIs(int fd, unsigned long device, unsigned long inode);

// An empty directory (O_PATH) `path` beneath `root`, the container's; made where it is not there.
// Invalid where it is anything else.
EarlyFd EarlyPlace(int pid, int root, std::string_view path);

// What is undone cannot be mounted a second time.
enum class EarlyAttached { kAll, kNone, kUndone };

// Mounts each of `count` filesystems at its place in the mount namespace of process `pid`: all of
// them, or none. A process that cannot come back from there ends at once.
EarlyAttached EarlyAttach(int pid, const EarlyFd* filesystems, const EarlyFd* places, size_t count);

}  // namespace runward
