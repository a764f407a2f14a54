#pragma once

#include <string>
#include <string_view>

#include "base/event.h"
#include "base/event_link.h"

namespace runward {

// "allowed", "denied", "would-deny" or "error": what records and `report --decision` say.
std::string_view EventActionName(EventAction action);

// The part of a record's line that follows its link, from the comma on, without a newline. Together
// with the longest link it stays below kMaxEventBytes: fields are bounded one by one, then the
// longest are cut, with a mark. Reads the host's name and the boot's id; when they cannot be read,
// they are left out.
std::string EventBody(const Event& event);

}  // namespace runward
