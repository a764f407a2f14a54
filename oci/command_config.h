#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/paths.h"
#include "oci/resulting_config.h"
#include "policy/command_rule.h"
#include "policy/policy.h"
#include "policy/seccomp_notify.h"

namespace runward {

// The command rules of the policy's profile of that name; empty when there is no such profile.
CommandRule CommandRuleOf(const Policy& policy, std::string_view profile);

// Why an agent of that tier (oci/agent_client.h) cannot hold the container of `config` to the rule,
// for a person; "" when nothing speaks against it.
struct TierObstacle {
  std::string rule;  // of the event
  std::string reason;
  std::string hint;
};
TierObstacle ObstacleOfTier(const CommandRule& rule, std::string_view tier, JsonValue config);

// By which a container is told when the agent is asked about it: its record's key, and whether it
// is only watched.
SeccompListener ListenerFor(const Paths& paths, const std::string& key, Mode mode);

// What an agent of that tier needs of a configuration, beside our hook. Where nothing in the kernel
// sees what is executed from memory, or from filesystems that the host shares, these are made
// impossible in what is enforced: adds to the system calls (sorted, each once) that are to fail,
// and lets mounts not be executed from. Where nothing else is there, the seccomp profile is made to
// ask, also in what is audited.
Result<void> ComposeCommands(const CommandRule& rule, std::string_view tier, Mode mode,
                             const SeccompListener& listener, std::vector<std::string>& denied,
                             ResultingConfig& result);

}  // namespace runward
