#pragma once

#include <string>

#include "base/paths.h"
#include "base/result.h"
#include "oci/hook_entry.h"

namespace runward {

// The createRuntime hook that compares the container's finished root with what `rootfs` is now. The
// program is runward-hook, in the directory of the calling program's own file.
Result<HookEntry> RootCheckOf(const Paths& paths, const std::string& rootfs);

}  // namespace runward
