#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "policy/network_rule.h"

namespace runward {

// The words of a network rule: protocols, ports, ICMP types, rates and names.

inline constexpr uint8_t kProtocolIcmp = 1;
inline constexpr uint8_t kProtocolTcp = 6;
inline constexpr uint8_t kProtocolUdp = 17;
inline constexpr uint8_t kProtocolIcmpV6 = 58;

struct ProtocolName {
  std::string_view name;
  uint8_t number = 0;  // IANA's
};
std::span<const ProtocolName> Protocols();  // sorted by name
std::optional<uint8_t> ProtocolOf(std::string_view name);

// "443", "443/tcp" or "8000-8100/udp"; without a protocol both TCP and UDP.
struct PortWord {
  PortRange ports;
  std::vector<uint8_t> protocols;
};
// When it is none, `why` says what is wrong with it.
std::optional<PortWord> ParsePorts(std::string_view text, std::string_view& why);

// A type of message: a name, of IPv4's and of IPv6's control messages where both have it, or
// "icmp/8", "icmpv6/128".
struct IcmpTypes {
  std::optional<uint8_t> v4;
  std::optional<uint8_t> v6;
};
std::optional<IcmpTypes> ParseIcmp(std::string_view text);
std::vector<std::string_view> IcmpNames();

// "10/second", "100/minute burst 20"; not 0.
std::optional<RateLimit> ParseRate(std::string_view text);

// "api.example.com" or "*.example.com": labels of RFC 1123, and '_' as services have it.
bool IsDnsPattern(std::string_view text);

}  // namespace runward
