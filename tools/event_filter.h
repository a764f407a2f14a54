#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/event_parse.h"
#include "base/result.h"
#include "tools/options.h"

namespace runward {

// Which events a report is about. What is not given matches everything.
struct EventFilter {
  std::optional<Time> since;
  std::optional<Time> until;
  std::string container;             // glob, or the beginning of an id
  std::string image;                 // glob over name, chain and config; a name matches its tags
  std::string rule;                  // glob
  std::string id;                    // exact
  std::vector<EventAction> actions;  // empty: all
  bool findings = false;             // what checks found, instead of decisions
};

// The flags that make a filter, for a command to add to its own.
std::vector<OptionSpec> EventFilterFlags();
// `--since 1h` is relative to `now`.
Result<EventFilter> MakeEventFilter(const Options& options, Time now);

bool Matches(const EventFilter& filter, const LoggedEvent& logged);
// False when the line cannot match, seen without parsing it.
bool MayMatch(const EventFilter& filter, std::string_view line);

}  // namespace runward
