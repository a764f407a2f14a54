#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/network_rule.h"

namespace runward {

// A container's rules as tables that programs at its control group or its cables look packets up in
// (agent/bpf/rules.h): for its peer, and for the service that is spoken to, which rules
// fit; the first rule that fits both decides. Two lookups, whatever the number of rules and
// addresses. Plain data.

// A bit for each rule of a direction, the first one's the lowest of the first word.
inline constexpr size_t kCgroupWords = 4;
using RuleBits = std::array<uint64_t, kCgroupWords>;

// What begins with the first `bits` bits of `bytes` fits these rules, unless a longer entry says
// otherwise: each has the rules of all shorter ones that it lies in.
struct PrefixEntry {
  uint32_t bits = 0;
  std::array<uint8_t, 20> bytes = {};
  RuleBits rules = {};
};

struct CgroupPlan {
  std::array<bool, 2> default_allow = {};  // egress, ingress
  std::array<RuleBits, 2> allow = {};      // the rules that do
  // Direction (1: ingress), family (1: IPv6), two bytes of zeros; then the address, an IPv4 one in
  // the first four bytes.
  std::vector<PrefixEntry> peers;
  // Direction, protocol, and the listening side's port in the network's order, or ICMP's type and a
  // zero. Four bytes.
  std::vector<PrefixEntry> services;
};

// An Error for rules that cannot be held that way (policy/host_network.h), or of too many
// addresses.
Result<CgroupPlan> BuildCgroupPlan(const NetworkRule& rule);

// Hex; another for each plan that says something else.
std::string DigestOf(const CgroupPlan& plan);

}  // namespace runward
