#include "tools/summary.h"

#include <algorithm>

namespace runward {

void Tally::Add(const std::string& key, const Event& event) {
  if (entries_.size() >= kMaxKeys && entries_.find(key) == entries_.end()) {
    ++uncounted_;
    return;
  }
  Entry& entry = entries_[key];
  ++entry.count;
  if (event.time < entry.last) return;
  entry.last = event.time;
  entry.last_id = event.id;
}

std::vector<std::pair<std::string, Tally::Entry>> Tally::Top(size_t count) const {
  std::vector<std::pair<std::string, Entry>> sorted(entries_.begin(), entries_.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    if (a.second.count != b.second.count) return a.second.count > b.second.count;
    return a.first < b.first;
  });
  if (sorted.size() > count) sorted.resize(count);
  return sorted;
}

std::string SummaryImage(const Event& event) {
  if (!event.image_name.empty()) return event.image_name;
  if (!event.image_chain.empty()) return event.image_chain;
  return "(no identity)";
}

BreakKey SplitBreakKey(const std::string& key) {
  const size_t first = key.find('\n');
  const size_t second = key.find('\n', first + 1);
  return {key.substr(0, first), key.substr(first + 1, second - first - 1), key.substr(second + 1)};
}

void Summary::Add(const LoggedEvent& logged) {
  const Event& event = logged.event;
  first = events == 0 ? event.time : std::min(first, event.time);
  last = std::max(last, event.time);
  ++events;
  ++by_action[static_cast<size_t>(event.action)];
  hosts.Add(logged.hostname, event);
  const auto part = [](std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  };
  switch (event.action) {
    case EventAction::kAllowed:
      break;
    case EventAction::kDenied:
      rules.Add(event.rule, event);
      images.Add(SummaryImage(event), event);
      break;
    case EventAction::kWouldDeny:
      breaks.Add(part(event.profile) + "\n" + part(SummaryImage(event)) + "\n" + part(event.rule),
                 event);
      break;
    case EventAction::kError:
      errors.Add(event.rule + ": " + event.reason, event);
      break;
  }
}

}  // namespace runward
