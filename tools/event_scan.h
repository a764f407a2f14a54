#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/event_parse.h"
#include "base/event_reader.h"
#include "base/result.h"
#include "tools/event_filter.h"

namespace runward {

struct ScanCounts {
  int64_t lines = 0;
  int64_t unreadable = 0;  // lines that are no record: torn writes, or worse; `report verify` tells
};

// The event, its line, and where the line stands.
using EventVisitor =
    std::function<void(const LoggedEvent&, const LogLine&, const std::string& file)>;

// Calls `visit` for every event in DIRECTORY's log that the filter lets through, oldest first, in
// bounded memory.
Result<ScanCounts> ScanEvents(const std::string& directory, const EventFilter& filter,
                              const EventVisitor& visit);

// One line: counts it, and visits it when it matches.
void ScanLine(const LogLine& line, const std::string& file, const EventFilter& filter,
              const EventVisitor& visit, ScanCounts& counts);

}  // namespace runward
