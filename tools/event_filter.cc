#include "tools/event_filter.h"

#include <algorithm>

#include "base/event_finding.h"
#include "base/event_format.h"
#include "base/glob.h"

namespace runward {
namespace {

Result<std::optional<Time>> ReadTime(const Options& options, std::string_view flag, Time now) {
  if (!options.Has(flag)) return std::optional<Time>();
  const std::string text = options.Last(flag, "");
  if (const auto ago = ParseDuration(text)) return std::optional<Time>(Time{now.ns - *ago});
  if (const auto time = ParseTime(text, true)) return time;
  return Error{std::string(flag) + " \"" + text + "\" is no time",
               "write 2026-11-22T10:00:00Z, 2026-11-22, or how long ago: 90s, 15m, 36h, 7d"};
}

Result<EventAction> ReadAction(const std::string& name) {
  std::string known;
  for (EventAction action : {EventAction::kAllowed, EventAction::kDenied, EventAction::kWouldDeny,
                             EventAction::kError}) {
    if (EventActionName(action) == name) return action;
    known += " " + std::string(EventActionName(action));
  }
  return Error{"--decision \"" + name + "\" is unknown", "known:" + known};
}

Result<std::vector<EventAction>> ReadActions(const Options& options) {
  std::vector<EventAction> actions;
  for (const std::string& list : options.All("--decision")) {
    for (size_t start = 0; start <= list.size();) {
      const size_t comma = std::min(list.find(',', start), list.size());
      actions.push_back(TRY(ReadAction(list.substr(start, comma - start))));
      start = comma + 1;
    }
  }
  return actions;
}

bool ImageMatches(const std::string& pattern, const Event& event) {
  const std::string& name = event.image_name;
  const bool tagged = name.size() > pattern.size() && name.starts_with(pattern) &&
                      (name[pattern.size()] == ':' || name[pattern.size()] == '@');
  return tagged || GlobMatch(pattern, name) || GlobMatch(pattern, event.image_chain) ||
         GlobMatch(pattern, event.image_config);
}

}  // namespace

std::vector<OptionSpec> EventFilterFlags() {
  return {{"--container", true}, {"--decision", true}, {"--id", true},   {"--image", true},
          {"--rule", true},      {"--since", true},    {"--until", true}};
}

Result<EventFilter> MakeEventFilter(const Options& options, Time now) {
  EventFilter filter;
  filter.since = TRY(ReadTime(options, "--since", now));
  filter.until = TRY(ReadTime(options, "--until", now));
  filter.container = options.Last("--container", "");
  filter.image = options.Last("--image", "");
  filter.rule = options.Last("--rule", "");
  filter.id = options.Last("--id", "");
  filter.actions = TRY(ReadActions(options));
  if (!options.words().empty()) {
    return Error{"unexpected \"" + options.words().front() + "\"", ""};
  }
  return filter;
}

bool Matches(const EventFilter& filter, const LoggedEvent& logged) {
  const Event& event = logged.event;
  if (filter.since && event.time < *filter.since) return false;
  if (filter.until && event.time >= *filter.until) return false;
  if (!filter.id.empty() && event.id != filter.id) return false;
  if (!filter.container.empty() && !event.container_id.starts_with(filter.container) &&
      !GlobMatch(filter.container, event.container_id)) {
    return false;
  }
  if (!filter.image.empty() && !ImageMatches(filter.image, event)) return false;
  if (!filter.rule.empty() && !GlobMatch(filter.rule, event.rule)) return false;
  return filter.actions.empty() || std::find(filter.actions.begin(), filter.actions.end(),
                                             event.action) != filter.actions.end();
}

bool MayMatch(const EventFilter& filter, std::string_view line) {
  if (IsFinding(line) != filter.findings) return false;
  return filter.id.empty() || line.find(filter.id) != std::string_view::npos;
}

}  // namespace runward
