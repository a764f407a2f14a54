#pragma once

#include <string>
#include <vector>

#include "agent/kept.h"
#include "agent/looks.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

struct AgentOptions {
  bool bpf = true;                    // otherwise fanotify decides alone
  bool notify = false;                // neither: seccomp notification decides
  std::vector<std::string> left_out;  // tiers, and why: they cannot be had, or are not wanted
};

enum class WorkEnd {
  kDone,           // stopped with nothing to guard any more, or handed over to another agent
  kKeeperGone,     // the process at the other end of the pipe has died
  kKeeperStopped,  // the same, as it was told to
};

// The agent's work. `keeper` is the reading end of a pipe whose other end the keeper holds: a byte
// means that it was told to stop. With `stopping` it ends as soon as there is no container left. An
// Error is one that ends the worker.
Result<WorkEnd> Work(const Paths& paths, const AgentOptions& options, Kept& kept, Looks& looks,
                     int keeper, bool stopping);

}  // namespace runward
