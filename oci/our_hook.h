#pragma once

#include <string>

#include "base/paths.h"
#include "base/result.h"
#include "oci/hook_entry.h"

namespace runward {

// Our createRuntime hook with this task, in which `rootfs` becomes the root to compare with, as it
// is now ("": none). The program is runward-hook, in the directory of the calling program's own
// file.
Result<HookEntry> OurHookFor(const Paths& paths, const std::string& rootfs, HookTask task);

}  // namespace runward
