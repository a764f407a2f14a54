#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace runward {

// A Linux capability (capabilities(7)).
struct Capability {
  std::string_view name;  // as libcap, in capitals and without "CAP_": "NET_BIND_SERVICE"
  int number = 0;         // bit in the kernel's sets
  std::string_view help;
};

std::span<const Capability> Capabilities();  // sorted by name

// A set of capabilities: bit n is number n.
using CapabilityMask = uint64_t;
CapabilityMask AllCapabilities();
inline CapabilityMask MaskOf(int number) { return CapabilityMask{1} << number; }

// The number that a runtime may take the word for: with or without "CAP_", in any case, and
// (crun, by libcap) a decimal number. nullopt for a word that means none here.
std::optional<int> CapabilityOf(std::string_view word);

// "KILL, NET_ADMIN"; "none".
std::string DescribeCapabilities(CapabilityMask mask);

}  // namespace runward
