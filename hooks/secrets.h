#pragma once

#include <sys/types.h>

#include <string>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Gives the container of the record `key`, whose first process is `pid`, the secrets that the
// record lists: from the agent, or with the vault's key file where no agent runs. All of them, or
// an Error and none.
Result<void> SupplyContainer(const Paths& paths, const std::string& key, pid_t pid);

}  // namespace runward
