#include "netfilter/special_address.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace runward {
namespace {

struct Range {
  std::string_view first;
  int bits;
  bool local;
};

// IANA's registries of special-purpose addresses; multicast (RFC 5771, RFC 4291).
constexpr std::array kSpecial = {
    Range{"0.0.0.0", 8, true},       Range{"10.0.0.0", 8, false},
    Range{"100.64.0.0", 10, false},  Range{"127.0.0.0", 8, true},
    Range{"169.254.0.0", 16, true},  Range{"172.16.0.0", 12, false},
    Range{"192.0.0.0", 24, false},   Range{"192.0.2.0", 24, false},
    Range{"192.88.99.0", 24, false}, Range{"192.168.0.0", 16, false},
    Range{"198.18.0.0", 15, false},  Range{"198.51.100.0", 24, false},
    Range{"203.0.113.0", 24, false}, Range{"224.0.0.0", 4, true},
    Range{"240.0.0.0", 4, true},     Range{"::", 127, true},
    Range{"64:ff9b:1::", 48, false}, Range{"100::", 64, false},
    Range{"2001::", 23, false},      Range{"2001:db8::", 32, false},
    Range{"3fff::", 20, false},      Range{"5f00::", 16, false},
    Range{"fc00::", 7, false},       Range{"fd00:ec2::254", 128, true},  // a cloud's metadata
    Range{"fe80::", 10, true},       Range{"fec0::", 10, false},
    Range{"ff00::", 8, true},
};

// Where an IPv4 address stands in an IPv6 one.
struct Embedding {
  std::string_view prefix;
  int bits;
  size_t at;
};
constexpr std::array kEmbeddings = {
    Embedding{"::ffff:0:0", 96, 12},
    Embedding{"::", 96, 12},
    Embedding{"64:ff9b::", 96, 12},
    Embedding{"2002::", 16, 2},
};

bool Within(const Address& address, std::string_view first, int bits) {
  const std::optional<Address> range = ParseAddress(first);
  if (!range || range->v6 != address.v6) return false;
  for (int bit = 0; bit < bits; bit += 8) {
    const auto at = static_cast<size_t>(bit / 8);
    const int left = std::min(8, bits - bit);
    const int mask = 0xff << (8 - left) & 0xff;
    if (((address.bytes.at(at) ^ range->bytes.at(at)) & mask) != 0) return false;
  }
  return true;
}

bool InSpecial(const Address& address, bool only_local) {
  return std::ranges::any_of(kSpecial, [&](const Range& range) {
    return (range.local || !only_local) && Within(address, range.first, range.bits);
  });
}

bool Special(const Address& address, bool only_local) {
  if (InSpecial(address, only_local)) return true;
  return std::ranges::any_of(kEmbeddings, [&](const Embedding& one) {
    if (!Within(address, one.prefix, one.bits)) return false;
    const auto embedded = AddressOfBytes(std::span(address.bytes).subspan(one.at, 4));
    return embedded && InSpecial(*embedded, only_local);
  });
}

}  // namespace

std::optional<Address> AddressOfBytes(std::span<const uint8_t> bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  Address address{.v6 = bytes.size() == 16};
  std::ranges::copy(bytes, address.bytes.begin());
  return address;
}

bool IsSpecialAddress(const Address& address) { return Special(address, false); }

bool IsLocalAddress(const Address& address) { return Special(address, true); }

}  // namespace runward
