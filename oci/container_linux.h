#pragma once

#include "base/json.h"
#include "base/result.h"
#include "policy/container.h"

namespace runward {

// The configuration's "linux" section (runtime-spec config-linux.md) into `config`; a part of
// ContainerOf.
Result<void> ReadLinux(JsonValue root, ContainerConfig& config);

}  // namespace runward
