#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/event.h"
#include "base/event_link.h"
#include "base/result.h"

namespace runward {

// A record read back. `event.args` are as logged (redacted), `event.env` holds names only.
struct LoggedEvent {
  EventLink link;
  Event event;  // of a finding: the start's, as far as it is repeated there, with the checks
  std::string finding;  // the finding's own id; "" for an event
  int64_t args_left_out = 0;
  int64_t env_left_out = 0;
  std::string hostname;
  std::string boot_id;
  std::string version;  // of the runward that wrote it
};

// A whole line, its newline left out. Members that are missing or of another kind stay empty, so
// that records of older and newer versions can be read; fails when the line is no record, is not
// JSON, or names a decision that is not known.
Result<LoggedEvent> ParseEvent(std::string_view line);

}  // namespace runward
