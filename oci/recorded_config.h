#pragma once

#include <string>

#include "base/json.h"

namespace runward {

// What of a configuration is kept after its start, as one line of JSON: what policy/container.h
// lists and policy/seccomp_compose.h reads, so that other policies can be asked about it later, and
// nothing else. Left out: arguments, environment, hooks, annotations (of those that a runtime
// obeys, the names stay), the seccomp listener's metadata, what is mounted unless it is a path of
// the host's, and the values of mount options unless they are known to be no secret. The result
// reads as the configuration would (oci/container.h), as far as it is judged.
std::string RecordableConfig(const JsonDocument& config);

}  // namespace runward
