#pragma once

#include <span>
#include <string>
#include <string_view>

#include "netfilter/plan.h"

namespace runward {

// The parts of a plan's rules, each with its text.

PlanMatch MatchInterface(Field field, std::string_view name);
PlanMatch MatchFamily(bool v6);
PlanMatch MatchProtocol(uint8_t number);
PlanMatch MatchAddresses(Field field, const AddressRange& range);
// `protocol` is what the rule compared before; of ICMP's fields it does not matter.
PlanMatch MatchNumber(Field field, uint8_t protocol, uint32_t first, uint32_t last);
PlanMatch MatchSet(Field field, uint8_t protocol, const std::string& set);
PlanMatch MatchState(std::string_view text, uint32_t bits);
PlanMatch MatchNoSyn();
PlanMatch MatchCgroup(const CgroupScope& scope);

PlanVerdict Accept();
PlanVerdict Drop();
PlanVerdict Jump(std::string chain);

// What log rules tell at most: far more than a person reads, and a bound for what reads it. What is
// beyond is in the counter of the rule behind it.
inline constexpr RateLimit kLogLimit = {.count = 10000, .unit_seconds = 1, .burst = 20000};

}  // namespace runward
