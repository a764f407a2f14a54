#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/network_rule.h"
#include "policy/policy.h"

namespace runward {

// A profile's network rules as JSON for a container's record: the section as the policy has it, and
// the groups of addresses that it may name. "" when the profile has none.
std::string FormatNetworkRecord(const Policy& policy, std::string_view profile);

// Fails for what FormatNetworkRecord would not have written: half a rule is none.
Result<NetworkRule> ParseNetworkRecord(const std::string& text);

// The rules of the policy's profile of that name; not `given` when there are none.
NetworkRule NetworkRuleOf(const Policy& policy, std::string_view profile);

}  // namespace runward
