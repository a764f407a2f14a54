#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "netfilter/plan.h"

namespace runward {

// Which of the processes of a network namespace that containers share one's rules hold for: those
// of its control group (cgroups(7), version 2), as a socket knows the group that made it.
//
// It does not tell whose is what has no socket: the kernel's own answers, such as to a ping.

// A process' control group, as the calling process sees it: "/kubepods/x". "" where the kernel has
// no unified hierarchy.
Result<std::string> UnifiedGroupOf(pid_t pid);

// The control group of the container's first process, which must be its alone. An Error where the
// kernel has no unified hierarchy, or the container no group of its own in it.
Result<CgroupScope> ControlGroupOf(pid_t pid);

// Where the group's directory is; an Error where that is another group's now.
Result<std::string> GroupDirectory(const CgroupScope& scope);

// In a file, for who changes the rules later.
Result<void> WriteNetworkScope(const std::string& path, const CgroupScope& scope);
// nullopt when there is no such file: the rules hold for all of the network.
Result<std::optional<CgroupScope>> ReadNetworkScope(const std::string& path);

}  // namespace runward
