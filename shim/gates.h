#pragma once

#include <optional>

#include "shim/refusal.h"
#include "shim/request.h"

namespace runward {

// A gate looks at one call before the real runtime does: it logs exactly one event, and returns
// either what to tell the person or, with nullopt, leave to go on with `request.call` as it now is
// (and `request.input` for stdin). Whatever goes wrong inside is a refusal.

// create, run, restore: the image behind the root filesystem is identified and judged by the
// policy; the decision becomes the container's record.
std::optional<Refusal> GateStart(Request& request);

// start: a container that its cables hold has all of them held now, when an engine has plugged them
// in. One that passes is not logged, as it was when it was created.
std::optional<Refusal> GateBegin(Request& request);

// exec, update, checkpoint: the container's record has to be there, or the policy has to allow
// containers without one. Their files are held to what the real runtime will read.
std::optional<Refusal> GateExec(Request& request);
std::optional<Refusal> GateUpdate(Request& request);
std::optional<Refusal> GateCheckpoint(Request& request);

}  // namespace runward
