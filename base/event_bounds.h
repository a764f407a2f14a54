#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/event.h"

namespace runward {

// The first items of a list, escaped; `left` counts those that no longer fitted.
struct BoundedList {
  std::vector<std::string> items;
  size_t left = 0;
};

// An event as a record can hold it: strings escaped for JSON and bounded, arguments redacted,
// environment reduced to names, and what is known of the host. `event.args` and `event.env` are
// empty.
struct BoundedEvent {
  Event event;
  BoundedList args;
  BoundedList env;
  std::string hostname;  // "" when unknown, as boot_id
  std::string boot_id;
};

BoundedEvent BoundEvent(const Event& raw);

// Cuts the longest field by `excess` bytes, or by half when that is less. Returns by how many; 0
// when no field is long enough to cut.
size_t CutLongest(BoundedEvent& bounded, size_t excess);

}  // namespace runward
