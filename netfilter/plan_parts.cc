#include "netfilter/plan_parts.h"

#include <cstring>

#include "policy/network_words.h"

namespace runward {
namespace {

std::vector<uint8_t> BytesOf(const Address& address) {
  return {address.bytes.begin(), address.bytes.begin() + static_cast<ptrdiff_t>(address.size())};
}

template <typename T>
std::vector<uint8_t> HostBytes(T value) {
  std::vector<uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string ProtocolText(uint8_t number) {
  for (const ProtocolName& one : Protocols()) {
    if (one.number == number) return std::string(one.name == "icmpv6" ? "ipv6-icmp" : one.name);
  }
  return std::to_string(number);
}

std::string FieldText(Field field, uint8_t protocol) {
  switch (field) {
    case Field::kOutInterface:
      return "oifname";
    case Field::kInInterface:
      return "iifname";
    case Field::kSource4:
      return "ip saddr";
    case Field::kDestination4:
      return "ip daddr";
    case Field::kSource6:
      return "ip6 saddr";
    case Field::kDestination6:
      return "ip6 daddr";
    case Field::kSourcePort:
      return ProtocolText(protocol) + " sport";
    case Field::kDestinationPort:
      return ProtocolText(protocol) + " dport";
    case Field::kIcmpType:
      return "icmp type";
    default:
      return "icmpv6 type";
  }
}

std::vector<uint8_t> NumberBytes(Field field, uint32_t value) {
  if (field == Field::kIcmpType || field == Field::kIcmp6Type) return {static_cast<uint8_t>(value)};
  return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

}  // namespace

PlanMatch MatchInterface(Field field, std::string_view name) {
  constexpr size_t kNameSize = 16;  // IFNAMSIZ
  PlanMatch match{.field = field, .text = FieldText(field, 0) + " \"" + std::string(name) + "\""};
  match.value.assign(name.begin(), name.end());
  match.value.resize(kNameSize);
  return match;
}

PlanMatch MatchFamily(bool v6) {
  constexpr uint8_t kIpv4 = 2;   // NFPROTO_IPV4
  constexpr uint8_t kIpv6 = 10;  // NFPROTO_IPV6
  return {.field = Field::kFamily,
          .value = {v6 ? kIpv6 : kIpv4},
          .text = v6 ? "meta nfproto ipv6" : "meta nfproto ipv4"};
}

PlanMatch MatchProtocol(uint8_t number) {
  return {
      .field = Field::kProtocol, .value = {number}, .text = "meta l4proto " + ProtocolText(number)};
}

PlanMatch MatchAddresses(Field field, const AddressRange& range) {
  PlanMatch match{.field = field, .value = BytesOf(range.first)};
  match.text = FieldText(field, 0) + " " + FormatAddress(range.first);
  if (range.first == range.last) return match;
  match.how = PlanMatch::How::kRange;
  match.other = BytesOf(range.last);
  match.text += "-" + FormatAddress(range.last);
  return match;
}

PlanMatch MatchNumber(Field field, uint8_t protocol, uint32_t first, uint32_t last) {
  PlanMatch match{.field = field, .value = NumberBytes(field, first)};
  match.text = FieldText(field, protocol) + " " + std::to_string(first);
  if (first == last) return match;
  match.how = PlanMatch::How::kRange;
  match.other = NumberBytes(field, last);
  match.text += "-" + std::to_string(last);
  return match;
}

PlanMatch MatchSet(Field field, uint8_t protocol, const std::string& set) {
  return {.field = field,
          .how = PlanMatch::How::kInSet,
          .set = set,
          .text = FieldText(field, protocol) + " @" + set};
}

PlanMatch MatchState(std::string_view text, uint32_t bits) {
  return {.field = Field::kConnectionState,
          .how = PlanMatch::How::kNotMasked,
          .value = HostBytes(uint32_t{0}),
          .other = HostBytes(bits),
          .text = "ct state " + std::string(text)};
}

PlanMatch MatchNoSyn() {
  constexpr uint8_t kSyn = 0x02;
  constexpr uint8_t kFinSynRstAck = 0x17;
  return {.field = Field::kTcpFlags,
          .how = PlanMatch::How::kNotMasked,
          .value = {kSyn},
          .other = {kFinSynRstAck},
          .text = "tcp flags & (fin | syn | rst | ack) != syn"};
}

PlanMatch MatchCgroup(const CgroupScope& scope) {
  return {
      .field = Field::kCgroup,
      .value = HostBytes(scope.id),
      .text = "socket cgroupv2 level " + std::to_string(scope.level) + " \"" + scope.path + "\"",
      .level = scope.level};
}

PlanVerdict Accept() { return {}; }
PlanVerdict Drop() { return {.what = PlanVerdict::What::kDrop}; }
PlanVerdict Jump(std::string chain) {
  return {.what = PlanVerdict::What::kJump, .chain = std::move(chain)};
}

}  // namespace runward
