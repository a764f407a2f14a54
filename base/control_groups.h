#pragma once

#include <string>

namespace runward {

// Where the unified hierarchy of control groups (cgroups(7), version 2) is mounted: alone, or
// beside the old ones. "" where it is in neither of its usual places.
std::string UnifiedHierarchy();

}  // namespace runward
