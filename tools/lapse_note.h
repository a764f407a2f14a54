#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// That a running container was noticed to be one that would not start any more. Kept in
// RUN/lapsed/<the record's key>.json, root's alone, so that it is logged once and its grace is
// counted from then on, whatever time the verdict that ended it was signed at.
struct LapseNote {
  std::string start;  // the event of the container's start: another start is another lapse
  Time noticed;
  std::string event;  // by which it was logged; "" when that failed
};

// nullopt when there is none, or it cannot be read.
std::optional<LapseNote> ReadLapseNote(const Paths& paths, const std::string& key);
Result<void> WriteLapseNote(const Paths& paths, const std::string& key, const LapseNote& note);
// Removes the notes of all but these keys.
void KeepLapseNotes(const Paths& paths, const std::vector<std::string>& keys);

}  // namespace runward
