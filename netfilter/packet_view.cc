#include "netfilter/packet_view.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace runward {
namespace {

constexpr int kMaxExtensions = 16;

uint16_t Short(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void ViewTransport(std::span<const uint8_t> bytes, PacketView& view) {
  if (view.later_part) return;
  if (HasPorts(view.protocol) && bytes.size() >= 4) {
    view.source_port = Short(bytes, 0);
    view.destination_port = Short(bytes, 2);
  }
  const bool icmp = view.protocol == IPPROTO_ICMP || view.protocol == IPPROTO_ICMPV6;
  if (icmp && !bytes.empty()) view.icmp_type = bytes[0];
}

std::optional<PacketView> ViewFour(std::span<const uint8_t> bytes) {
  constexpr size_t kHeader = 20;
  if (bytes.size() < kHeader) return std::nullopt;
  const size_t header = size_t{bytes[0] & 0x0fU} * 4;
  PacketView view{.source = *AddressOfBytes(bytes.subspan(12, 4)),
                  .destination = *AddressOfBytes(bytes.subspan(16, 4)),
                  .protocol = bytes[9],
                  .size = Short(bytes, 2),
                  .later_part = (Short(bytes, 6) & 0x1fff) != 0};
  if (header >= kHeader && header <= bytes.size()) ViewTransport(bytes.subspan(header), view);
  return view;
}

bool IsExtension(uint8_t protocol) {
  constexpr std::array<uint8_t, 7> kExtensions = {IPPROTO_HOPOPTS,
                                                  IPPROTO_ROUTING,
                                                  IPPROTO_FRAGMENT,
                                                  IPPROTO_AH,
                                                  IPPROTO_DSTOPTS,
                                                  IPPROTO_MH,
                                                  139};
  return std::ranges::find(kExtensions, protocol) != kExtensions.end();
}

// Goes past one extension header (RFC 8200, section 4); false when it is not all there.
bool PassExtension(std::span<const uint8_t>& rest, PacketView& view) {
  if (rest.size() < 8) return false;
  size_t size = (size_t{rest[1]} + 1) * 8;
  if (view.protocol == IPPROTO_AH) size = (size_t{rest[1]} + 2) * 4;
  if (view.protocol == IPPROTO_FRAGMENT) {
    size = 8;
    view.later_part = (Short(rest, 2) & 0xfff8) != 0;
  }
  if (size > rest.size()) return false;
  view.protocol = rest[0];
  rest = rest.subspan(size);
  return true;
}

std::optional<PacketView> ViewSix(std::span<const uint8_t> bytes) {
  constexpr size_t kHeader = 40;
  if (bytes.size() < kHeader) return std::nullopt;
  PacketView view{.source = *AddressOfBytes(bytes.subspan(8, 16)),
                  .destination = *AddressOfBytes(bytes.subspan(24, 16)),
                  .protocol = bytes[6],
                  .size = Short(bytes, 4) + uint32_t{kHeader}};
  std::span<const uint8_t> rest = bytes.subspan(kHeader);
  for (int i = 0; i < kMaxExtensions && IsExtension(view.protocol) && !view.later_part; ++i) {
    if (!PassExtension(rest, view)) return view;
  }
  ViewTransport(rest, view);
  return view;
}

}  // namespace

std::optional<PacketView> ViewPacket(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return std::nullopt;
  switch (bytes[0] >> 4) {
    case 4:
      return ViewFour(bytes);
    case 6:
      return ViewSix(bytes);
    default:
      return std::nullopt;
  }
}

bool HasPorts(uint8_t protocol) {
  constexpr std::array<uint8_t, 5> kWithPorts = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP,
                                                 IPPROTO_SCTP, IPPROTO_UDPLITE};
  return std::ranges::find(kWithPorts, protocol) != kWithPorts.end();
}

std::string ProtocolName(uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_ICMP:
      return "icmp";
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_DCCP:
      return "dccp";
    case IPPROTO_ICMPV6:
      return "icmpv6";
    case IPPROTO_SCTP:
      return "sctp";
    case IPPROTO_UDPLITE:
      return "udplite";
    default:
      return std::to_string(protocol);
  }
}

}  // namespace runward
