#include "agent/command_log.h"

#include <algorithm>
#include <ctime>

#include "agent/process_view.h"
#include "base/event_log.h"

namespace runward {
namespace {

constexpr int64_t kBurst = 100;
constexpr int64_t kSteady = 20;  // a second
constexpr size_t kKinds = 64;    // counted apart, a container
constexpr size_t kArguments = 64;

EventAction ActionOf(const JudgedTry& judged) {
  if (judged.stops()) return EventAction::kDenied;
  return judged.finding.denied ? EventAction::kWouldDeny : EventAction::kAllowed;
}

}  // namespace

Event CommandLog::EventOf(const JudgedTry& judged, const OpenTry& what) const {
  const Record& record = judged.container->record;
  Event event{.id = NewEventId(), .time = Now(), .action = ActionOf(judged)};
  event.operation = "command";
  event.rule = judged.finding.rule;
  event.reason = judged.finding.reason;
  if (!what.execute) event.reason += ", and it was opened to be read";
  event.profile = record.profile;
  event.mode = record.mode == Mode::kAudit ? "audit" : "enforce";
  event.policy_sha256 = record.policy_sha256;
  event.container_id = record.id;
  event.container_root = record.root;
  event.bundle = record.bundle;
  event.image_name = record.image;
  event.image_chain = record.image_chain;
  event.image_config = record.image_config;
  event.image_store = record.image_store;
  event.executable = judged.path;
  event.tier = tier_;
  if (what.execute) event.args = ArgumentsAsked(what.task, kArguments);
  if (event.args.empty()) event.args = {judged.path};
  if (const auto status = StatusOf(what.task)) {
    event.user = std::to_string(status->uid) + ":" + std::to_string(status->gid);
    event.actor_pid = status->parent;
    event.parent = CommandNameOf(status->parent) + " (" + std::to_string(status->parent) + ")";
  }
  return event;
}

void CommandLog::Append(const Event& event, const EventRule& rule) {
  const EventLogOptions options{
      .fdatasync = rule.fdatasync, .rotate_bytes = rule.rotate_bytes, .keep = rule.keep};
  if (!AppendEvent(paths_.log, event, options).ok()) ++unlogged_;
}

void CommandLog::Fill(Source& source) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t passed = now.tv_sec - source.filled;
  if (passed <= 0) return;
  source.tokens = std::min(kBurst, source.tokens + std::min(passed, kBurst) * kSteady);
  source.filled = now.tv_sec;
}

void CommandLog::Add(const JudgedTry& judged, const OpenTry& what) {
  Source& source = sources_[judged.container->key];
  Fill(source);
  if (source.tokens > 0) {
    --source.tokens;
    Append(EventOf(judged, what), judged.container->record.events);
    return;
  }
  std::string kind = judged.finding.rule + " " + judged.path;
  if (source.counts.size() >= kKinds && !source.counts.contains(kind)) kind.clear();
  const auto [count, fresh] = source.counts.try_emplace(kind);
  if (fresh) count->second.first = EventOf(judged, what);
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
    Append(event, {});
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
