#pragma once

#include "agent/worker.h"
#include "base/result.h"

namespace runward {

// systemd, or what speaks as it does (sd_notify(3), sd_listen_fds(3)), told by environment
// variables. All of it succeeds and does nothing where no manager asks.

// Tells the manager that the agent answers, so that engines which are started after it find it, and
// gives it `kept` to hold: with every process of the agent dead, what the kernel asks then waits
// for the one that the manager starts next.
Result<void> TellReady(Kept& kept);

// What an earlier agent gave the manager to hold; invalid descriptors where it holds none, or
// something else than that. To be called once.
Kept TakeStored();

}  // namespace runward
