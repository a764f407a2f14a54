#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace runward {

// What network rules need of a process: without NET_ADMIN it cannot change them, without NET_RAW it
// cannot send past them. `process` is config.json's "process", or the root of a process.json.

// Whether a runtime takes the word for one of the two.
bool IsNetworkCapability(std::string_view word);

// Whether one of its sets has one of the two.
bool HasNetworkCapabilities(JsonValue process);

// The document's text without the two in any set of the process; "" when it has neither.
std::string WithoutNetworkCapabilities(const JsonDocument& document, JsonValue process);

// Whether the configuration asks for no network namespace, which is the host's network.
bool SharesHostNetwork(JsonValue config);

}  // namespace runward
