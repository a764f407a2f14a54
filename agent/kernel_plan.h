#pragma once

#include <string>
#include <vector>

#include "agent/kernel_load.h"
#include "agent/kernel_rules.h"
#include "agent/watched.h"

namespace runward {

// A container's rules as far as the kernel's programs can hold them by themselves: by files, exact
// names and drift. Patterns hold for the files that fit them when the container starts; rules of
// users, of exec from outside, and of paths where there is no file yet, are left to fanotify, and
// so is learning, which needs to see who executes.
struct KernelPlan {
  KernelRules rules;
  std::vector<std::string> commands;  // what the numbers of its rules stand for
  bool complete = false;              // nothing is left to fanotify
};

// Looks at nothing but what was found out when the container started.
KernelPlan PlanForKernel(const Watched& container, KernelTier tier);

// What an event of the kernel's is to a person: rule and reason.
CommandFinding FindingOf(const KernelEvent& event, const std::vector<std::string>& commands);

}  // namespace runward
