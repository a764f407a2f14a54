#pragma once

#include <string>

#include "base/result.h"
#include "policy/run_rule.h"

namespace runward {

// What of a rule later calls on the container (exec, update) are held to, as JSON for its record:
// users and groups with the numbers that the image's names had at the start, privileged,
// capabilities, no-new-privileges, devices, preserved files and limits. "" for a rule without any
// of these.
std::string FormatRunRule(const RunRule& rule);

// Fails for what FormatRunRule would not have written: half a rule is none.
Result<RunRule> ParseRunRule(const std::string& text);

}  // namespace runward
