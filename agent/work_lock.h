#pragma once

#include <cstdint>

#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// One worker at a time: each event of fanotify goes to one reader only, and of two that read, one
// would not know the other's containers. Waits at most `milliseconds` for another one's end; an
// Error names it when that was not enough. The lock ends with the process, or the descriptor.
Result<UniqueFd> LockWork(const Paths& paths, int64_t milliseconds);

// Takes the lock from a worker that has been killed and cannot end (agent/looks.h).
void AbandonWork(const Paths& paths);

}  // namespace runward
