#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/event_json.h"
#include "base/event_link.h"
#include "base/event_log.h"

namespace runward {

// The most that follows a record's link.
inline constexpr size_t kMaxBodyBytes = kMaxEventBytes - kMaxLinkBytes - 1;

struct EventMetadata {
  std::string_view uid;
  std::string_view correlation_uid;  // of the record that this one belongs to
  std::vector<std::string> profiles;
};

// OCSF's objects that records of all classes have. Texts are escaped already.
void WriteMetadata(JsonLine& line, const EventMetadata& metadata);
void WritePolicy(JsonLine& line, const Event& event);
void WriteDevice(JsonLine& line, std::string_view hostname);

}  // namespace runward
