#pragma once

#include <string>

#include "base/json.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// The configuration with the createRuntime hook that compares the container's finished root with
// what `rootfs` is now. The program is runward-hook, in the directory of runward's own file.
Result<std::string> WithRootCheck(const Paths& paths, const JsonDocument& config,
                                  const std::string& rootfs);

}  // namespace runward
