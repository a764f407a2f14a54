#include "agent/command_log.h"

#include <algorithm>
#include <ctime>

#include "oci/container_event.h"

namespace runward {
namespace {

constexpr int64_t kBurst = 100;
constexpr int64_t kSteady = 20;  // a second
constexpr size_t kKinds = 64;    // counted apart, a container

}  // namespace

void CommandLog::Append(const Event& event, const EventRule& rule) {
  LogEvent(paths_, event, LogOptions(rule));
}

void CommandLog::Fill(Source& source) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t passed = now.tv_sec - source.filled;
  if (passed <= 0) return;
  source.tokens = std::min(kBurst, source.tokens + std::min(passed, kBurst) * kSteady);
  source.filled = now.tv_sec;
}

void CommandLog::Add(const Watched& container, std::string kind,
                     const std::function<Event()>& make) {
  Source& source = sources_[container.key];
  source.rule = container.record.events;
  Fill(source);
  if (source.tokens > 0) {
    --source.tokens;
    Append(make(), source.rule);
    return;
  }
  if (source.counts.size() >= kKinds && !source.counts.contains(kind)) kind.clear();
  const auto [count, fresh] = source.counts.try_emplace(std::move(kind));
  if (fresh) count->second.first = make();
  ++count->second.more;
}

void CommandLog::TellCounts(Source& source) {
  for (auto& [kind, count] : source.counts) {
    Event& event = count.first;
    event.id = NewEventId();
    event.time = Now();
    const std::string times = std::to_string(count.more) + (count.more == 1 ? " time" : " times");
    event.reason += kind.empty() ? "; this and others like it happened " + times + " more"
                                 : "; it happened " + times + " more";
    Append(event, source.rule);
  }
  source.counts.clear();
}

void CommandLog::Tell() {
  for (auto& [key, source] : sources_) TellCounts(source);
}

void CommandLog::Forget(const std::string& key) {
  const auto found = sources_.find(key);
  if (found == sources_.end()) return;
  TellCounts(found->second);
  sources_.erase(found);
}

}  // namespace runward
