#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "oci/recorded_start.h"

namespace runward {

// Beyond this a file is moved to configurations.1.jsonl, in the place of what was there.
inline constexpr int64_t kRecordedStartsBytes = int64_t{16} << 20;

// Appends a line, in one write under a lock that it waits for no longer than a second, and says
// its SHA-256, which the event is to carry. Not synced: the event matters more, and says by the
// missing hash that a configuration could not be kept.
Result<std::string> AppendRecordedStart(const std::string& directory, const RecordedStart& start);

// The lines of the starts whose events' ids are given, with the hash that each event has for its
// line; a line that has another hash is left out. Nothing there yet: none.
Result<std::map<std::string, std::string>> FindRecordedStarts(
    const std::string& directory, const std::map<std::string, std::string>& hash_of_event);

}  // namespace runward
