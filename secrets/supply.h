#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "oci/agent_client.h"

namespace runward {

// Places the filesystems, filled with a container's secrets (secrets/fill.h), in the container
// whose root is `rootfs`, and whose first process `pid` does not yet execute its command: at its
// createRuntime hook. All are there afterwards, or none. See secrets/tmpfs.h and secrets/place.h
// for where and how.
//
// What it does not protect: the process, and whoever may read its files (root in the container,
// `exec` as the same user, the host's root), reads them; so does whoever may start the image with
// another command.
Result<void> SupplySecrets(pid_t pid, const std::string& rootfs,
                           const std::vector<HandedFilesystem>& filesystems);

}  // namespace runward
