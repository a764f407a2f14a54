#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

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
  void Add(const DnsRefusal& refusal);
  // Called for each flow that an event has told of.
  using Told = std::function<void(const FlowTable::Flow&)>;
  // Counts are told of with the next Tell.
  [[nodiscard]] bool empty() const { return flows_.empty() && refusals_.empty(); }
  // `all`: whatever there is, as the container has ended. Seconds of a monotonic clock.
  void Tell(const Paths& paths, const FlowContext& context, int64_t now, bool all,
            const Told& told);

 private:
  struct Refused {
    DnsRefusal first;
    uint64_t count = 0;
  };
  FlowTable flows_;
  std::map<std::string, Refused> refusals_;  // by rule and name; by the rule alone: further ones
  int64_t tokens_ = 0;
  int64_t filled_ = 0;
};

}  // namespace runward
