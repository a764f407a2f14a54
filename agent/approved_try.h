#pragma once

#include <vector>

#include "agent/fanotify_group.h"
#include "agent/kernel_commands.h"
#include "agent/watched.h"

namespace runward {

// Tells the kernel's programs that the agent was asked about an exec and lets it go on, where one
// of the containers needs that. Before the answer: the task must not be faster.
void ApproveTry(const KernelCommands& kernel, const std::vector<Watched*>& containers,
                const OpenTry& what);

}  // namespace runward
