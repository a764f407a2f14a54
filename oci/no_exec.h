#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace runward {

// The configuration's text in which every bind mount is "noexec" that is not at or beneath one of
// the destinations `except`; "" when nothing changes. For an agent that can be asked only about
// filesystems that the host does not share: what lies on another must not be executable at all.
std::string WithoutExec(const JsonDocument& config, const std::vector<std::string>& except);

}  // namespace runward
