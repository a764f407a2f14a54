#pragma once

#include "agent/worker.h"
#include "base/paths.h"

namespace runward {

// Runs the agent as two processes, so that killing one leaves the other: the keeper, which does
// nothing but hold `kept` and wait, and its worker. A worker that dies is replaced, and what was
// asked meanwhile has waited; when the keeper dies, the worker takes its place and makes a new one.
// SIGTERM and SIGINT end the keeper; the worker goes with it unless containers are left to guard,
// for which it stays until the last has ended or another agent takes over.
//
// What this does not protect: both killed at once, where no service manager holds `kept` too
// (agent/service_manager.h). What fanotify guards is then open until the agent is started again.
//
// Returns the exit status; in both processes.
int KeepAndWork(const Paths& paths, const AgentOptions& options, Kept kept);

}  // namespace runward
