#pragma once

#include <cstdint>

#include "agent/flow_event.h"
#include "agent/flow_table.h"
#include "base/paths.h"

namespace runward {

// What there is to tell about one container's network: counted as it comes, told of once a second,
// the denied first. A container that makes much of it is given a hundred events at once and ten
// more a second; what goes beyond is counted on until there is room, in bounded memory.
class FlowLog {
 public:
  void Add(const FlowKey& key, const FlowCounts& counts) { flows_.Add(key, counts); }
  // Counts are told of with the next Tell.
  [[nodiscard]] bool empty() const { return flows_.empty(); }
  // `all`: whatever there is, as the container has ended. Seconds of a monotonic clock.
  void Tell(const Paths& paths, const FlowContext& context, int64_t now, bool all);

 private:
  FlowTable flows_;
  int64_t tokens_ = 0;
  int64_t filled_ = 0;
};

}  // namespace runward
