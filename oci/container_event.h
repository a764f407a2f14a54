#pragma once

#include <sys/types.h>

#include "base/event.h"
#include "base/event_log.h"
#include "base/paths.h"
#include "oci/record.h"
#include "policy/decide.h"

namespace runward {

// An event about a container that was started, with what is the same for all of them.
Event EventAbout(const Record& record, EventAction action);

// What its record keeps of the container's start, for an event that names the container already.
void SetRecorded(Event& event, const Record& record);
// What was decided of a start; the image's name is the one that was decided on.
void SetDecision(Event& event, const Decision& decision);
// What is known of its image, but for the name.
void SetImage(Event& event, const ImageEvidence& image);

// The record of the start that the event tells of, begun by that process. What the container is
// held to later is for the caller to add.
Record RecordOfStart(const Event& event, const Decision& decision, pid_t creator);

// How the policy has its events written.
EventLogOptions LogOptions(const EventRule& rule);

// Logs what has happened: a log that cannot be written changes nothing any more.
void LogEvent(const Paths& paths, const Event& event, const EventLogOptions& options);

}  // namespace runward
