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

}  // namespace runward
