#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// The vault's file, open for writing and locked against other writers (flock), when it is still the
// one of that name. Waits at most `wait_ms`. Closing it unlocks.
Result<UniqueFd> LockForWriting(const std::string& path, int wait_ms = 30000);

}  // namespace runward
