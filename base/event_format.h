#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/event_link.h"

namespace runward {

// "allowed", "denied", "would-deny" or "error": what records and `report --decision` say.
std::string_view EventActionName(EventAction action);

// The parts of records' lines that follow their links, from the comma on, without a newline: the
// decision's, and behind it the finding of its checks, if it has any. Together with the longest
// link each stays below kMaxEventBytes: fields are bounded one by one, then the longest are cut,
// with a mark. Reads the host's name and the boot's id; when they cannot be read, they are left
// out.
std::vector<std::string> EventBodies(const Event& event);

}  // namespace runward
