#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oci/resulting_config.h"
#include "policy/command_rule.h"
#include "policy/policy.h"

namespace runward {

// The command rules of the policy's profile of that name; empty when there is no such profile.
CommandRule CommandRuleOf(const Policy& policy, std::string_view profile);

// What an agent of that tier (oci/agent_client.h) needs of a configuration that is enforced, beside
// our hook: where nothing in the kernel sees what is executed from memory, or from filesystems that
// the host shares, these are made impossible. Adds to the system calls (sorted, each once) that are
// to fail, and lets mounts not be executed from.
Result<void> ComposeCommands(const CommandRule& rule, std::string_view tier,
                             std::vector<std::string>& denied, ResultingConfig& result);

}  // namespace runward
