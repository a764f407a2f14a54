#pragma once

#include "base/result.h"
#include "shim/start_case.h"

namespace runward {

// Secrets, as far as the gate has to do with them: it decides whether the container receives those
// of its profile, and never sees one.
//
// A start receives them when it is allowed, by a profile that was chosen by what a trusted key or
// the policy itself says of exactly its image. What an audited container that would be refused, or
// whose profile its unsigned name chose, goes without is said in the event. What this does not
// protect: whoever may start containers of the image may give them another command, unless
// `commands` forbids it.
Result<void> ControlSecrets(StartCase& now);

// What of the configuration changes for them: variables, and our helper.
Result<void> PrepareSecrets(StartCase& now);

// Once all is decided, logged and recorded: has the agent, if one runs, read them while the runtime
// makes the container.
void HaveSecretsReady(const StartCase& now);

}  // namespace runward
