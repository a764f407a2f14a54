#pragma once

#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

struct AgentOptions {
  bool bpf = true;  // otherwise fanotify decides alone
};

// What outlives a worker: its successor goes on with them.
struct Kept {
  UniqueFd group;     // agent/fanotify_group.h
  UniqueFd listener;  // agent/clients.h
};

enum class WorkEnd {
  kDone,           // stopped with nothing to guard any more, or handed over to another agent
  kKeeperGone,     // the process at the other end of the pipe has died
  kKeeperStopped,  // the same, as it was told to
};

// The agent's work. `keeper` is the reading end of a pipe whose other end the keeper holds: a byte
// means that it was told to stop. With `stopping` it ends as soon as there is no container left. An
// Error is one that ends the worker.
Result<WorkEnd> Work(const Paths& paths, const AgentOptions& options, const Kept& kept, int keeper,
                     bool stopping);

}  // namespace runward
