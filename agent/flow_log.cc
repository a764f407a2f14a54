#include "agent/flow_log.h"

#include <algorithm>

#include "oci/container_event.h"

namespace runward {
namespace {

constexpr int64_t kBurst = 100;
constexpr int64_t kSteady = 10;  // a second
constexpr size_t kNames = 64;    // that are counted apart

}  // namespace

void FlowLog::Add(const DnsRefusal& refusal) {
  std::string key = refusal.rule + " " + refusal.name;
  const bool known = refusals_.contains(key);
  if (!known && refusals_.size() >= kNames) key = refusal.rule;
  Refused& refused = refusals_[key];
  if (refused.count++ > 0) return;
  refused.first = refusal;
  if (key == refusal.rule) refused.first.name = "";  // of several names
}

void FlowLog::Tell(const Paths& paths, const FlowContext& context, int64_t now, bool all,
                   const Told& told) {
  if (now > filled_) {
    tokens_ = std::min(kBurst, tokens_ + std::min(now - filled_, kBurst) * kSteady);
    filled_ = now;
  }
  const EventLogOptions options = LogOptions(context.record.events);
  const auto room = [&] { return all ? FlowTable::kMostFlows * 2 : static_cast<size_t>(tokens_); };
  for (const FlowTable::Flow& flow : flows_.Take(room())) {
    LogEvent(paths, EventOf(context, flow), options);
    told(flow);
    --tokens_;
  }
  while (!refusals_.empty() && room() > 0) {
    const Refused& refused = refusals_.begin()->second;
    LogEvent(paths, EventOf(context, refused.first, refused.count), options);
    refusals_.erase(refusals_.begin());
    --tokens_;
  }
  tokens_ = std::max<int64_t>(tokens_, 0);
}

}  // namespace runward
