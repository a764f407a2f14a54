#pragma once

#include <netlink/netlink.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/network_rule.h"

namespace runward {

// What the kernel has of a table, by a socket of OpenNetfilter().

// Rules of the table, and jumps between its chains, as the chains count them: a tenth of what it
// takes to read the rules themselves.
Result<size_t> CountInstalled(nl_sock* socket, const std::string& table);

// Packets that a rule denied, or would have, counted whether they were logged or not. Of a rule
// with a rate, those beyond it.
struct DeniedCount {
  Direction direction = Direction::kEgress;
  std::optional<uint32_t> rule;  // nullopt: the default
  uint64_t packets = 0;
  uint64_t bytes = 0;
};
Result<std::vector<DeniedCount>> ReadDenied(nl_sock* socket, const std::string& table);

}  // namespace runward
