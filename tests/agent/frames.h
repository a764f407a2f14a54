#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace runward {

// Ethernet frames as a container at 10.0.0.2 and fd00::2 sends them to 10.0.0.1 and fd00::1, or is
// sent them. Checksums are nobody's matter here.
using Bytes = std::vector<uint8_t>;

inline Bytes operator+(Bytes one, const Bytes& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

inline Bytes Number(uint32_t value) {
  return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

inline Bytes Ethernet(uint16_t type) {
  return Bytes{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2} + Number(type);
}

struct Header4 {
  uint8_t protocol = 17;
  bool to_container = false;
  uint16_t id = 1;
  uint16_t part = 0;  // flags and offset
  uint8_t peer = 1;
  Bytes options = {};
};
inline Bytes Packet4(const Header4& head, const Bytes& payload) {
  const Bytes own = {10, 0, 0, 2};
  const Bytes peer = {10, 0, 0, head.peer};
  const auto words = static_cast<uint8_t>(5 + head.options.size() / 4);
  return Bytes{static_cast<uint8_t>(0x40 | words), 0} +
         Number(static_cast<uint32_t>(words * 4 + payload.size())) + Number(head.id) +
         Number(head.part) + Bytes{64, head.protocol, 0, 0} + (head.to_container ? peer : own) +
         (head.to_container ? own : peer) + head.options + payload;
}
inline Bytes Frame4(const Header4& head, const Bytes& payload) {
  return Ethernet(0x0800) + Packet4(head, payload);
}

inline Bytes Address6(uint8_t first, uint8_t second, uint8_t last) {
  Bytes address(16);
  address[0] = first;
  address[1] = second;
  address[15] = last;
  return address;
}
struct Header6 {
  uint8_t next = 17;
  bool to_container = false;
  uint8_t hops = 64;
  Bytes peer = Address6(0xfd, 0, 1);
};
inline Bytes Packet6(const Header6& head, const Bytes& payload) {
  const Bytes own = Address6(0xfd, 0, 2);
  return Bytes{0x60, 0, 0, 0} + Number(static_cast<uint32_t>(payload.size())) +
         Bytes{head.next, head.hops} + (head.to_container ? head.peer : own) +
         (head.to_container ? own : head.peer) + payload;
}
inline Bytes Frame6(const Header6& head, const Bytes& payload) {
  return Ethernet(0x86dd) + Packet6(head, payload);
}

inline Bytes Udp(uint16_t from, uint16_t to) {
  return Number(from) + Number(to) + Number(24) + Bytes(18);
}
inline Bytes Tcp(uint16_t from, uint16_t to, uint8_t flags) {
  return Number(from) + Number(to) + Bytes(8) + Bytes{0x50, flags} + Bytes(6);
}
inline Bytes Icmp(uint8_t type, const Bytes& about = Bytes(16)) {
  return Bytes{type, 0, 0, 0, 0, 7, 0, 1} + about;
}

}  // namespace runward
