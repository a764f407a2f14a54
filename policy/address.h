#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runward {

// An IPv4 or IPv6 address, in the network's byte order; of IPv4 the first four bytes count.
struct Address {
  bool v6 = false;
  std::array<uint8_t, 16> bytes = {};

  [[nodiscard]] size_t size() const { return v6 ? 16 : 4; }
  auto operator<=>(const Address&) const = default;  // IPv4 first, then by value
};

// All addresses from `first` to `last`, both of one family, `first` not after `last`.
struct AddressRange {
  Address first;
  Address last;
  auto operator<=>(const AddressRange&) const = default;
};

// "192.0.2.1" or RFC 4291's text of an IPv6 address, without a zone. Octal and short forms
// ("010.1", "10.1"), which other programs read otherwise, are none. An IPv6 address that maps an
// IPv4 one is IPv6: on the wire it is.
std::optional<Address> ParseAddress(std::string_view text);
std::string FormatAddress(const Address& address);  // RFC 5952

// An address, "10.0.0.0/8", or "10.0.0.1-10.0.0.9". The error says what is wrong: bits beyond the
// prefix, or a range that ends before it begins.
struct RangeOrWhy {
  std::optional<AddressRange> range;
  std::string why;  // when there is none
  std::string hint;
};
RangeOrWhy ParseAddressRange(std::string_view text);

// The same addresses as ranges that neither overlap nor touch, sorted.
std::vector<AddressRange> MergeRanges(std::vector<AddressRange> ranges);

// As ParseAddressRange reads it: a prefix when the range is one.
std::string FormatRange(const AddressRange& range);

// The address after this one; nullopt after a family's last.
std::optional<Address> NextAddress(const Address& address);

}  // namespace runward
