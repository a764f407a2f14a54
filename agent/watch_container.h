#pragma once

#include <optional>

#include "agent/fanotify_group.h"
#include "agent/kernel_load.h"
#include "agent/watched.h"
#include "base/result.h"

namespace runward {

struct FanotifyWatch {
  int group = -1;  // agent/fanotify_group.h; -1 where there is none
  // The kernel's program behind it, which sees what fanotify is not asked about.
  std::optional<KernelTier> behind = {};
  // Of a container that an earlier agent took in: what the group asks about already, at which
  // nobody looks again. The rest is looked for wherever a process of the container, or the host,
  // has it mounted by now.
  const Marked* again = nullptr;
  bool look = true;  // false: at nothing of the container's for a while (agent/looks.h)
};

// Has fanotify ask about what is executed on the filesystems that are the container's own and on
// its volumes (agent/watch_volumes.h), and whenever a file that nobody may execute is opened. An
// Error when something would be left out that
// the rules are about.
Result<void> WatchContainer(Watched& container, const FanotifyWatch& watch);

// For one that cannot be watched in full: what there is of it, and what its first process has as
// its root by now.
void WatchWhatIsThere(const Watched& container, const FanotifyWatch& watch);

}  // namespace runward
