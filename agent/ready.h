#pragma once

#include "base/result.h"

namespace runward {

// Tells a service manager that asks for it ($NOTIFY_SOCKET, sd_notify(3)) that the agent answers,
// so that engines which are started after it find it. Success as well when nobody asks.
Result<void> TellReady();

}  // namespace runward
