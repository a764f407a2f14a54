#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/network_rule.h"

namespace runward {

// What a log rule writes in front of each packet that it hands to NFLOG, so that the reader knows
// what was decided and by which rule: "rw:d:e:3", "rw:w:i:default". At most 127 bytes, the
// kernel's limit (NF_LOG_PREFIXLEN), by far.
struct LogPrefix {
  bool would_deny = false;  // audit: logged, and let through
  Direction direction = Direction::kEgress;
  std::optional<uint32_t> rule;  // index into NetworkDirection::rules; nullopt: the default

  bool operator==(const LogPrefix&) const = default;
};

std::string FormatLogPrefix(const LogPrefix& prefix);
// nullopt for what FormatLogPrefix would not have written.
std::optional<LogPrefix> ParseLogPrefix(std::string_view text);

}  // namespace runward
