#pragma once

#include "agent/watched.h"
#include "base/result.h"

namespace runward {

struct FanotifyWatch {
  int group = -1;       // agent/fanotify_group.h; -1 where there is none
  bool backed = false;  // by a program in the kernel, which sees what fanotify is not asked about
};

// Has fanotify ask about what is executed on the filesystems that are the container's own, and
// whenever a file that nobody may execute is opened. An Error when something would be left out that
// the rules are about.
Result<void> WatchContainer(Watched& container, const FanotifyWatch& watch);

// For one that is watched already, and at which nobody looks for a while (agent/looks.h): nothing
// beneath its root is touched. What the group and the kernel's programs have of it stays; a new
// group asks about its root alone.
Result<void> KeepAsItIs(Watched& container, int group);

}  // namespace runward
