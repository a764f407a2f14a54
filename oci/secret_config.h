#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "policy/policy.h"
#include "policy/secret_rule.h"

namespace runward {

// Where runward-env appears in a container that gets secrets as variables.
inline constexpr std::string_view kEnvHelper = "/.runward-env";

// The secrets of the policy's profile of that name; none when there is no such profile.
std::vector<SecretRule> SecretRulesOf(const Policy& policy, std::string_view profile);

// The configuration's text with what the secrets need of it; "" when that is nothing. No value is
// in it: variables that name files, and for those that are to hold values our helper, the absolute
// path `helper` on the host, mounted read-only and executed in the command's place. The helper
// reads the files, sets the variables and executes the command.
Result<std::string> WithSecretVariables(const JsonDocument& config,
                                        const std::vector<SecretRule>& rules,
                                        const std::string& helper);

}  // namespace runward
