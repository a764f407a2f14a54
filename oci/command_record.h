#pragma once

#include <string>

#include "base/result.h"
#include "policy/command_rule.h"

namespace runward {

// A container's command rules as JSON for its record, its users with the numbers that the image's
// names had at the start. "" for a rule that restricts nothing.
std::string FormatCommandRule(const CommandRule& rule);

// Fails for what FormatCommandRule would not have written: half a rule is none.
Result<CommandRule> ParseCommandRule(const std::string& text);

}  // namespace runward
