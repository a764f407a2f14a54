#include "policy/address.h"

#include <algorithm>
#include <bit>
#include <charconv>

namespace runward {
namespace {

std::optional<unsigned> Number(std::string_view text, unsigned max, int base = 10) {
  unsigned value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

// Four decimal numbers into `out`.
bool ParseV4(std::string_view text, uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    const size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    const std::string_view part = text.substr(0, dot);
    const auto value = Number(part, 255);
    if (!value || part.size() > 3 || (part.size() > 1 && part.front() == '0')) return false;
    out[i] = static_cast<uint8_t>(*value);
    text.remove_prefix(i == 3 ? part.size() : dot + 1);
  }
  return text.empty();
}

// Groups of hex digits, the last of which may be an IPv4 address; "" is none.
bool ParseGroups(std::string_view text, std::vector<uint8_t>& out) {
  while (!text.empty()) {
    const size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    std::array<uint8_t, 4> four{};
    if (colon == std::string_view::npos && part.find('.') != std::string_view::npos) {
      if (!ParseV4(part, four.data())) return false;
      out.insert(out.end(), four.begin(), four.end());
      return true;
    }
    const auto value = Number(part, 0xffff, 16);
    if (!value || part.size() > 4) return false;
    out.push_back(static_cast<uint8_t>(*value >> 8));
    out.push_back(static_cast<uint8_t>(*value));
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // a colon at the end
  }
  return true;
}

std::optional<Address> ParseV6(std::string_view text) {
  Address address{.v6 = true, .bytes = {}};
  const size_t gap = text.find("::");
  std::vector<uint8_t> head;
  std::vector<uint8_t> tail;
  if (gap == std::string_view::npos) {
    if (!ParseGroups(text, head) || head.size() != 16) return std::nullopt;
  } else {
    const std::string_view rest = text.substr(gap + 2);
    if (rest.find("::") != std::string_view::npos || rest.starts_with(':')) return std::nullopt;
    if (!ParseGroups(text.substr(0, gap), head) || !ParseGroups(rest, tail)) return std::nullopt;
    if (text.substr(0, gap).find('.') != std::string_view::npos) return std::nullopt;
    if (head.size() + tail.size() > 14) return std::nullopt;
  }
  std::ranges::copy(head, address.bytes.begin());
  std::ranges::copy_backward(tail, address.bytes.end());
  return address;
}

// The first and last address of a prefix of so many bits.
AddressRange PrefixOf(const Address& address, unsigned bits) {
  AddressRange range{address, address};
  for (size_t i = 0; i < address.size(); ++i) {
    const size_t kept = std::clamp<size_t>(bits, i * 8, i * 8 + 8) - i * 8;
    const auto host = static_cast<uint8_t>(0xffU >> kept);
    range.first.bytes[i] &= static_cast<uint8_t>(~host);
    range.last.bytes[i] |= host;
  }
  return range;
}

RangeOrWhy ParsePrefix(std::string_view text, size_t slash) {
  const auto address = ParseAddress(text.substr(0, slash));
  const std::string_view bits_text = text.substr(slash + 1);
  if (!address) return {{}, "is no address with a prefix length", ""};
  const auto most = static_cast<unsigned>(address->size() * 8);
  const auto bits = Number(bits_text, most);
  if (!bits || (bits_text.size() > 1 && bits_text.front() == '0')) {
    return {{}, "has no prefix length from 0 to " + std::to_string(most), ""};
  }
  const AddressRange range = PrefixOf(*address, *bits);
  if (range.first == *address) return {range, "", ""};
  return {{},
          "has bits beyond its prefix",
          "write \"" + FormatAddress(range.first) + "/" + std::to_string(*bits) + "\""};
}

RangeOrWhy ParsePair(std::string_view text, size_t dash) {
  const auto first = ParseAddress(text.substr(0, dash));
  const auto last = ParseAddress(text.substr(dash + 1));
  if (!first || !last) return {{}, "is no range of addresses", ""};
  if (first->v6 != last->v6) return {{}, "mixes IPv4 and IPv6", ""};
  if (*last < *first) {
    return {{},
            "ends before it begins",
            "write \"" + FormatAddress(*last) + "-" + FormatAddress(*first) + "\""};
  }
  return {AddressRange{*first, *last}, "", ""};
}

struct Zeros {
  size_t at = 8;  // groups
  size_t count = 0;
};

Zeros LongestZeros(const std::array<unsigned, 8>& groups) {
  Zeros best;
  for (size_t i = 0; i < 8; ++i) {
    size_t count = 0;
    while (i + count < 8 && groups[i + count] == 0) ++count;
    if (count > best.count) best = {i, count};
  }
  return best.count > 1 ? best : Zeros{};
}

}  // namespace

std::optional<Address> ParseAddress(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return ParseV6(text);
  Address address;
  if (!ParseV4(text, address.bytes.data())) return std::nullopt;
  return address;
}

std::string FormatAddress(const Address& address) {
  const auto& bytes = address.bytes;
  if (!address.v6) {
    std::string text;
    for (size_t i = 0; i < 4; ++i) text += (i == 0 ? "" : ".") + std::to_string(bytes[i]);
    return text;
  }
  std::array<unsigned, 8> groups{};
  for (size_t i = 0; i < 8; ++i) groups[i] = bytes[2 * i] * 256U + bytes[2 * i + 1];
  const Zeros zeros = LongestZeros(groups);
  std::string text;
  for (size_t i = 0; i < 8; ++i) {
    if (i == zeros.at) {
      text += "::";
      i += zeros.count - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), groups[i], 16).ptr;
    text.append(digits.begin(), end);
  }
  return text;
}

RangeOrWhy ParseAddressRange(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) return ParsePrefix(text, slash);
  const size_t dash = text.find('-');
  if (dash != std::string_view::npos) return ParsePair(text, dash);
  const auto address = ParseAddress(text);
  if (!address) return {{}, "is no address", ""};
  return {AddressRange{*address, *address}, "", ""};
}

std::optional<Address> NextAddress(const Address& address) {
  Address next = address;
  for (size_t i = address.size(); i-- > 0;) {
    if (++next.bytes[i] != 0) return next;
  }
  return std::nullopt;
}

std::vector<AddressRange> MergeRanges(std::vector<AddressRange> ranges) {
  std::ranges::sort(ranges);
  std::vector<AddressRange> merged;
  for (const AddressRange& range : ranges) {
    const bool same = !merged.empty() && merged.back().first.v6 == range.first.v6;
    const auto after = same ? NextAddress(merged.back().last) : std::nullopt;
    // Without an address after it, the one before reaches the family's end and takes all.
    if (same && (!after || range.first <= *after)) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::string FormatRange(const AddressRange& range) {
  if (range.first == range.last) return FormatAddress(range.first);
  const auto most = static_cast<unsigned>(range.first.size() * 8);
  unsigned bits = 0;
  while (bits < most) {
    const unsigned shift = 7 - bits % 8;
    if (((range.first.bytes[bits / 8] ^ range.last.bytes[bits / 8]) >> shift & 1) != 0) break;
    ++bits;
  }
  if (PrefixOf(range.first, bits) == range) {
    return FormatAddress(range.first) + "/" + std::to_string(bits);
  }
  return FormatAddress(range.first) + "-" + FormatAddress(range.last);
}

}  // namespace runward
