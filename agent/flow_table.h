#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/event_flow.h"
#include "policy/address.h"

namespace runward {

enum class FlowKind : uint8_t { kDenied, kWouldDeny, kConnection };

// What flows are told of together by.
struct FlowKey {
  FlowKind kind = FlowKind::kDenied;
  bool ingress = false;
  uint8_t protocol = 0;
  uint16_t port = 0;  // as EventFlow's
  int32_t rule = -1;  // its index; -1: the direction's default; kNoRule: not known
  Address peer;
  auto operator<=>(const FlowKey&) const = default;
};
inline constexpr int32_t kNoRule = -2;

struct FlowCounts {
  uint64_t count = 0;
  uint64_t bytes_out = 0;
  uint64_t bytes_in = 0;
};

// The flows of one container that are still to be told of, in bounded memory: after kMostFlows
// kinds of them, further ones are counted together by what they share with the first of them: kind,
// direction and rule.
class FlowTable {
 public:
  struct Flow {
    FlowKey key;
    bool others = false;  // of several peers, protocols or ports: the key's do not count
    FlowCounts counts;
  };

  void Add(const FlowKey& key, const FlowCounts& counts);
  [[nodiscard]] bool empty() const { return flows_.empty() && others_.empty(); }
  // Takes at most `most` flows out, denied ones first, the largest first.
  std::vector<Flow> Take(size_t most);

  static constexpr size_t kMostFlows = 256;

 private:
  std::map<FlowKey, FlowCounts> flows_;
  std::map<FlowKey, FlowCounts> others_;  // keys without peer, protocol and port
};

}  // namespace runward
