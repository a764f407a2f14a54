#pragma once

#include "base/event.h"
#include "base/paths.h"
#include "oci/record.h"

namespace runward {

// An event about a running container, with what is the same for all of them.
Event EventAbout(const Record& record, EventAction action);

// Logs it as the container's policy says. What it tells of has happened: a log that cannot be
// written changes nothing any more.
void LogEvent(const Paths& paths, const Event& event, const EventRule& rule);

}  // namespace runward
