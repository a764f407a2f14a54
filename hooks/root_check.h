#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "oci/hook_entry.h"

namespace runward {

// Whether the container whose first process is `pid` will have `root` as its "/".
//
// The gate identifies what is mounted before the runtime has made config.json's mounts, and a mount
// may cover the root: a destination of "/", one that a symlink in the image or in a volume turns
// into "/", or a mount namespace that the container joins. At createRuntime all mounts are made and
// the runtime has not pivoted yet (runc 1.1, crun 1.8), so the path of the root filesystem, looked
// up in the container's mount namespace, is what will become "/". Nobody can change it afterwards:
// the container's own processes do not exist yet.
//
// What it does not protect: mounts that cover directories below "/" (volumes) are the business of
// other rules.
//
// Success when device and inode agree. The error says what is there instead.
Result<void> CheckContainerRoot(pid_t pid, const RootIdentity& root);

}  // namespace runward
