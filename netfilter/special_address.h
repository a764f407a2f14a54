#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "policy/address.h"

namespace runward {

// Of 4 or 16 bytes in the network's order; nullopt for another number.
std::optional<Address> AddressOfBytes(std::span<const uint8_t> bytes);

// Whether nothing on the public Internet has the address (RFC 6890 and its successors): private,
// shared, loopback, link-local, multicast, reserved and documentation ranges, and IPv6 addresses
// in which one of these is embedded (mapped, NAT64, 6to4).
bool IsSpecialAddress(const Address& address);

// Of those, what no name may stand for, whatever the policy says: this host, its links (the cloud's
// metadata among them), and groups of hosts.
bool IsLocalAddress(const Address& address);

}  // namespace runward
