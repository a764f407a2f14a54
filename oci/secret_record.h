#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "policy/secret_rule.h"

namespace runward {

// The secrets that a container receives, as JSON for its record: each with its owner's numbers in
// the container. "" for none.
std::string FormatSecretRules(const std::vector<SecretRule>& rules);

// Fails for what FormatSecretRules would not have written: half a rule is none.
Result<std::vector<SecretRule>> ParseSecretRules(const std::string& text);

}  // namespace runward
