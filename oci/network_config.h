#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "policy/network_rule.h"

namespace runward {

// What network rules need of a process: without NET_ADMIN it cannot change them, without NET_RAW it
// cannot send past them. Under a rule that may hold a control group it is without SYS_ADMIN and BPF
// as well: it could leave the group, or take what holds it away. `process` is config.json's
// "process", or the root of a process.json.

// What a person calls them: "NET_ADMIN or NET_RAW".
std::string NetworkCapabilityNames(HostNetwork host);

// Whether a runtime takes the word for one of them.
bool IsNetworkCapability(std::string_view word, HostNetwork host);

// Whether one of its sets has one of them.
bool HasNetworkCapabilities(JsonValue process, HostNetwork host);

// The document's text without them in any set of the process; "" when it has none.
std::string WithoutNetworkCapabilities(const JsonDocument& document, JsonValue process,
                                       HostNetwork host);

// Whether the configuration asks for no network namespace, which is the host's network.
bool SharesHostNetwork(JsonValue config);

}  // namespace runward
