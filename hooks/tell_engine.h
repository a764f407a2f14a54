#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "oci/engine_log.h"

namespace runward {

// The --log of a runtime by its command line, whose words end with a NUL each: the canonical form
// that runward gives it (shim/argv.h).
EngineLog EngineLogOf(std::string_view command_line);

// Says why a hook refused where the engine will look for it, if the runtime does not hand on what
// its hooks say (crun gives them /dev/null as standard error): on the standard error of the
// runtime, whose child this process is, and as the last word of its --log. Whatever of it fails is
// left out: the reason is in the event log.
void TellEngine(const std::string& refusal);

}  // namespace runward
