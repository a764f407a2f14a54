#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "policy/container.h"

namespace runward {

// Reads what policy/container.h lists from a configuration, as strictly as ParseSpec does: a key
// spelled twice or in another case, and a value of another kind than the specification's, are
// errors. Keys that it does not list are not looked at. `root` is the document's root; `bundle` is
// absolute.
Result<ContainerConfig> ContainerOf(JsonValue root, const std::string& bundle);
// config.json's "process", or the root of a process.json; absent: all empty.
Result<ProcessConfig> ProcessConfigOf(JsonValue process);
// linux.resources, or the root of what `update` is given.
Result<ResourceLimits> ResourcesOf(JsonValue resources);

// The same of a whole text, with `name` for messages.
Result<ContainerConfig> ParseContainer(std::string text, std::string_view name,
                                       const std::string& bundle);
Result<ProcessConfig> ParseProcessConfig(std::string text, std::string_view name);
Result<ResourceLimits> ParseResources(std::string text, std::string_view name);

}  // namespace runward
