#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "netfilter/special_address.h"

namespace runward {

// What the first bytes of a packet say, as a container (or whoever sends to it) wrote them.
struct PacketView {
  Address source;
  Address destination;
  uint8_t protocol = 0;  // IANA's number: the first that is no extension header
  uint16_t source_port = 0;
  uint16_t destination_port = 0;  // of TCP, UDP, SCTP, DCCP, UDP-Lite
  uint8_t icmp_type = 0;
  uint32_t size = 0;        // bytes, as its header says
  bool later_part = false;  // a fragment behind the first: no ports
};

// Of a packet from its IP header on, of which `bytes` may be only the beginning. nullopt for what
// is neither IPv4 nor IPv6, or shorter than its header.
std::optional<PacketView> ViewPacket(std::span<const uint8_t> bytes);

// "tcp", "udp", "icmp", "icmpv6", "sctp", ...; else the number.
std::string ProtocolName(uint8_t protocol);
bool HasPorts(uint8_t protocol);

}  // namespace runward
