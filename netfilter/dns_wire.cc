#include "netfilter/dns_wire.h"

#include <algorithm>

namespace runward {
namespace {

constexpr size_t kMaxLabel = 63;
constexpr size_t kMaxName = 253;  // written with dots; 255 bytes on the wire (RFC 1035, 3.1)

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::span<const uint8_t> DnsReader::Bytes(size_t count) {
  if (failed_ || message_.size() - at_ < count) {
    failed_ = true;
    return {};
  }
  const auto bytes = message_.subspan(at_, count);
  at_ += count;
  return bytes;
}

uint8_t DnsReader::Byte() {
  const auto bytes = Bytes(1);
  return failed_ ? uint8_t{0} : bytes[0];
}

uint16_t DnsReader::Short() {
  const auto bytes = Bytes(2);
  return failed_ ? uint16_t{0} : static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
}

uint32_t DnsReader::Long() {
  const uint32_t high = Short();
  return high << 16 | Short();
}

DnsReader DnsReader::Part(size_t count) {
  const size_t start = at_;
  Skip(count);
  DnsReader part(message_.first(at_));
  part.at_ = failed_ ? at_ : start;
  part.failed_ = failed_;
  return part;
}

bool DnsReader::Pointer(uint8_t first, size_t& at, size_t& least) {
  if (message_.size() - at < 1) return false;
  const size_t target = static_cast<size_t>(first & 0x3f) << 8 | message_[at];
  if (target >= least) return false;
  at = least = target;
  return true;
}

bool DnsReader::Append(std::string& name, std::string_view label) {
  if (!name.empty()) name += '.';
  name += label;
  return name.size() <= kMaxName;
}

// One pass over the wire's three kinds of parts; cut in pieces it would hand on five variables.
// NOLINTNEXTLINE(readability-function-cognitive-complexity)
std::optional<std::string> DnsReader::Name(bool may_point) {
  std::string name;
  bool plain = true;
  size_t at = at_;
  size_t least = at_;  // a pointer leads before the part of the name that it ends
  bool pointed = false;
  while (!failed_) {
    if (at >= message_.size()) break;
    const uint8_t size = message_[at++];
    if (size == 0) {
      if (!pointed) at_ = at;
      return plain ? std::optional(name) : std::nullopt;
    }
    if (size > kMaxLabel) {
      const size_t behind = at + 1;
      if (size < 0xc0 || !may_point || !Pointer(size, at, least)) break;
      if (!pointed) at_ = behind;
      pointed = true;
      continue;
    }
    if (message_.size() - at < size) break;
    const std::string_view label(reinterpret_cast<const char*>(&message_[at]), size);
    plain = plain && std::ranges::all_of(label, IsPlain);
    if (!Append(name, label)) break;
    at += size;
  }
  failed_ = true;
  return std::nullopt;
}

void PutDnsShort(std::string& text, uint32_t value) {
  text += static_cast<char>(value >> 8 & 0xff);
  text += static_cast<char>(value & 0xff);
}

void PutDnsLong(std::string& text, uint32_t value) {
  PutDnsShort(text, value >> 16);
  PutDnsShort(text, value & 0xffff);
}

void PutDnsName(std::string& text, std::string_view name) {
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    text += static_cast<char>(label.size());
    text += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  text += '\0';
}

}  // namespace runward
