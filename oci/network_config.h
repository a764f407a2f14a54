#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "policy/capabilities.h"
#include "policy/network_rule.h"

namespace runward {

// What network rules need of a process: without NET_ADMIN it cannot change them, without NET_RAW it
// cannot send past them. Under a rule that may hold a control group it is without SYS_ADMIN and BPF
// as well: it could leave the group, or take what holds it away. `process` is config.json's
// "process", or the root of a process.json.

// Where a container is.
struct NetworkPlace {
  bool on_host = false;  // the host's network
};

// Capabilities that go round the rules there; none under "keep". Where its cables are held NET_RAW
// does not. NET_ADMIN does, in any user namespace: through an ifb it sends packets that the kernel
// then has no filter look at, the host's end's neither; and in the host's user namespace it holds
// for the host's network, too, where rtnetlink(7) makes interfaces for who names that by number.
CapabilityMask GuardedCapabilities(const NetworkRule& rule, NetworkPlace place);

// What a person calls them: "NET_ADMIN or NET_RAW".
std::string NetworkCapabilityNames(CapabilityMask guarded);

// Whether a runtime takes the word for one of them.
bool IsNetworkCapability(std::string_view word, CapabilityMask guarded);

// Whether one of its sets has one of them.
bool HasNetworkCapabilities(JsonValue process, CapabilityMask guarded);

// The document's text without them in any set of the process; "" when it has none.
std::string WithoutNetworkCapabilities(const JsonDocument& document, JsonValue process,
                                       CapabilityMask guarded);

// Whether the configuration asks for no network namespace, which is the host's network.
bool SharesHostNetwork(JsonValue config);

}  // namespace runward
