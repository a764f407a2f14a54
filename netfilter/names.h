#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/network_rule.h"

namespace runward {

// What a container's rules are called in the kernel. Containers may share a network namespace, so
// each has a table of its own, named by its record's key (oci/record.h).

std::string TableName(std::string_view key);

// The NFLOG group of a container's log rules, from 1024 to 65023. Two containers of one network
// namespace hardly ever have the same; then the second one's reader is turned away, and its rules
// hold all the same.
uint16_t LogGroup(std::string_view key);

// The conntrack mark of a connection that a rule allowed: which container's rules, and which rule.
struct ConnectionMark {
  uint16_t container = 0;  // LogGroup, its lower 15 bits
  Direction direction = Direction::kEgress;
  std::optional<uint32_t> rule;  // nullopt: the default. 65533 at most

  bool operator==(const ConnectionMark&) const = default;
};
uint32_t FormatMark(const ConnectionMark& mark);
std::optional<ConnectionMark> ParseMark(uint32_t mark);  // nullopt: not one of ours

// Of the rule that has this index: "e3_dns4".
std::string SetName(Direction direction, size_t rule, std::string_view what);
// Of the containers that it has as peers: "e3_peer4".
std::string PeerSetName(Direction direction, size_t rule, bool v6);

}  // namespace runward
