#pragma once

#include <string>
#include <vector>

namespace runward {

// One call of runward-hook: `[--runward-root=DIR] [check-root PATH DEVICE INODE]
// [network KEY enforce|audit] [supply KEY enforce|audit] [register KEY enforce|audit]`, at least
// one of the four, or `[--runward-root=DIR] decide`; the container's state (runtime-spec
// runtime.md, "State") on standard input. Returns
// "" when the container may go on, otherwise the line for the person, after the refusal has been
// logged. Every doubt refuses.
std::string RunHook(const std::vector<std::string>& args);

}  // namespace runward
