#pragma once

#include <cstdint>
#include <string>

#include "base/event.h"
#include "base/result.h"

namespace runward {

// What the policy says of the log. Who writes before it has read the policy, or reads none, makes
// the log grow: it neither rotates nor drops what the policy may keep.
struct EventLogOptions {
  bool fdatasync = false;
  int64_t rotate_bytes = INT64_MAX;
  int64_t keep = INT64_MAX;  // rotated files
};

inline constexpr size_t kMaxEventBytes = 4096;  // one line, its newline included

// Appends one record to DIR/events.jsonl (OCSF JSON, one line, one write under flock), linked to
// the one before it by SHA-256 and a sequence number, across processes and rotations; of an event
// with checks two in the same write, the finding being the second: either both are logged or
// neither. Success means that the write is complete (and synced with `fdatasync`). A torn last line
// (a writer that died) is closed and counted in the next record. docs/events.md has the format.
Result<void> AppendEvent(const std::string& directory, const Event& event,
                         const EventLogOptions& options);

// Several at once, in their order: all of them are logged, or none.
Result<void> AppendEvents(const std::string& directory, const std::vector<Event>& events,
                          const EventLogOptions& options);

// The record's line without chain fields, for tests and `policy explain`.
std::string FormatEvent(const Event& event);

}  // namespace runward
