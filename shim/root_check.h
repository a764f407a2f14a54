#pragma once

#include <string>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Adds to the configuration in `config` (whose text is `text`) the createRuntime hook that compares
// the container's finished root with what `rootfs` is now. The program is runward-hook, in the
// directory of runward's own file. The file is replaced by rename: never half-written.
Result<void> AddRootCheck(const Paths& paths, const std::string& config, std::string text,
                          const std::string& rootfs);

}  // namespace runward
