#pragma once

#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "shim/start_case.h"

namespace runward {

// The profile's network rules, which runward-hook installs: whether the container can be held to
// them. Changes the decision of a start that cannot, and fills `now.network`.
Result<void> ControlNetwork(StartCase& now);

// Takes NET_ADMIN and NET_RAW out of config.json where the profile withholds them and enforces.
Result<void> WithholdNetwork(StartCase& now);

// Whether a container that its cables hold, and that is about to start, has all of them held: an
// engine may have plugged some in since it was created. Nothing is asked for any other.
Result<void> HoldAtStart(const Paths& paths, const Record& record);

// Takes them out of what an exec starts in a container whose record says so; `process` is the text
// of its process.json, "" when it comes by options. An Error when options ask for one of the two,
// or where the profile refuses them.
Result<void> WithholdFromExec(Request& request, const std::string& process);

// Whether an exec stays in the control group that its container's rules hold; `asked` is what it
// asks for instead, "" for nothing.
Result<void> KeepExecInGroup(const Request& request, const std::string& asked);

// Whether the hook is to install rules.
bool InstallsNetwork(const StartCase& now);
// Whether others' rules may have the container as a peer: it then tells them of its start.
bool JoinsPeers(const StartCase& now);

}  // namespace runward
