#pragma once

#include "base/result.h"
#include "shim/start_case.h"

namespace runward {

// The profile's command rules, which runward-agent enforces: whether it answers, and whether they
// let the container's own command run at all. Changes the decision of a start that could not be
// held to them, and fills `now.commands` and `now.tier`.
Result<void> ControlCommands(StartCase& now);

// What the agent's tier needs of config.json, beside our hook (oci/command_config.h).
Result<void> PrepareCommands(StartCase& now);

}  // namespace runward
