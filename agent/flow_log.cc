#include "agent/flow_log.h"

#include <algorithm>

#include "agent/container_event.h"

namespace runward {
namespace {

constexpr int64_t kBurst = 100;
constexpr int64_t kSteady = 10;  // a second

}  // namespace

void FlowLog::Tell(const Paths& paths, const FlowContext& context, int64_t now, bool all) {
  if (now > filled_) {
    tokens_ = std::min(kBurst, tokens_ + std::min(now - filled_, kBurst) * kSteady);
    filled_ = now;
  }
  const EventRule& rule = context.record.events;
  const size_t room = all ? FlowTable::kMostFlows * 2 : static_cast<size_t>(tokens_);
  for (const FlowTable::Flow& flow : flows_.Take(room)) {
    LogEvent(paths, EventOf(context, flow), rule);
    --tokens_;
  }
  tokens_ = std::max<int64_t>(tokens_, 0);
}

}  // namespace runward
