#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace runward {

// An IPv4 or IPv6 address; of IPv4 the first four bytes count and the others are 0. An IPv4-mapped
// IPv6 address stays IPv6: on the wire it is one.
struct IpAddress {
  bool v6 = false;
  std::array<uint8_t, 16> bytes{};

  auto operator<=>(const IpAddress&) const = default;
  [[nodiscard]] size_t size() const { return v6 ? 16 : 4; }

  // Of 4 or 16 bytes in network order; nullopt for another number.
  static std::optional<IpAddress> Of(std::span<const uint8_t> wire);
  // As inet_pton(3) reads it.
  static std::optional<IpAddress> Parse(std::string_view text);
  [[nodiscard]] std::string Text() const;
};

// Whether nothing on the public Internet has the address (RFC 6890 and its successors): private,
// shared, loopback, link-local, multicast, reserved and documentation ranges, and IPv6 addresses
// in which one of these is embedded (mapped, NAT64, 6to4).
bool IsSpecialAddress(const IpAddress& address);

// Of those, what no name may stand for, whatever the policy says: this host, its links (the cloud's
// metadata among them), and groups of hosts.
bool IsLocalAddress(const IpAddress& address);

}  // namespace runward
