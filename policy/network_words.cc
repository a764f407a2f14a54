#include "policy/network_words.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace runward {
namespace {

constexpr std::array<ProtocolName, 9> kProtocols = {{
    {"ah", 51},
    {"esp", 50},
    {"gre", 47},
    {"icmp", kProtocolIcmp},
    {"icmpv6", kProtocolIcmpV6},
    {"sctp", 132},
    {"tcp", kProtocolTcp},
    {"udp", kProtocolUdp},
    {"udplite", 136},
}};

struct IcmpName {
  std::string_view name;
  IcmpTypes types;
};
constexpr std::array<IcmpName, 8> kIcmpNames = {{
    {"destination-unreachable", {3, 1}},
    {"echo-reply", {0, 129}},
    {"echo-request", {8, 128}},
    {"packet-too-big", {std::nullopt, 2}},
    {"parameter-problem", {12, 4}},
    {"redirect", {5, 137}},
    {"time-exceeded", {11, 3}},
    {"timestamp-request", {13, std::nullopt}},
}};

template <typename T>
std::optional<T> Number(std::string_view text) {
  T value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool HasPorts(uint8_t protocol) {
  constexpr std::array<uint8_t, 4> kWithPorts = {kProtocolTcp, kProtocolUdp, 132, 136};
  return std::ranges::find(kWithPorts, protocol) != kWithPorts.end();
}

bool IsLabel(std::string_view label) {
  constexpr size_t kLongest = 63;
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !label.empty() && label.size() <= kLongest && std::ranges::all_of(label, good) &&
         label.front() != '-' && label.back() != '-';
}

}  // namespace

std::span<const ProtocolName> Protocols() { return kProtocols; }

std::optional<uint8_t> ProtocolOf(std::string_view name) {
  const auto found = std::ranges::find(kProtocols, name, &ProtocolName::name);
  if (found == kProtocols.end()) return std::nullopt;
  return found->number;
}

std::optional<PortWord> ParsePorts(std::string_view text, std::string_view& why) {
  PortWord word;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    word.protocols = {kProtocolTcp, kProtocolUdp};
  } else {
    const auto protocol = ProtocolOf(text.substr(slash + 1));
    why = "names no protocol that has ports";
    if (!protocol || !HasPorts(*protocol)) return std::nullopt;
    word.protocols = {*protocol};
  }
  const std::string_view ports = text.substr(0, slash);
  const size_t dash = ports.find('-');
  const auto first = Number<uint16_t>(ports.substr(0, dash));
  const auto last =
      dash == std::string_view::npos ? first : Number<uint16_t>(ports.substr(dash + 1));
  why = "is no port from 1 to 65535, nor a range of them";
  if (!first || !last || *first == 0 || *last == 0) return std::nullopt;
  why = "ends before it begins";
  if (*last < *first) return std::nullopt;
  word.ports = {*first, *last};
  return word;
}

std::optional<IcmpTypes> ParseIcmp(std::string_view text) {
  const auto found = std::ranges::find(kIcmpNames, text, &IcmpName::name);
  if (found != kIcmpNames.end()) return found->types;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto type = Number<uint8_t>(text.substr(slash + 1));
  if (!type) return std::nullopt;
  if (text.substr(0, slash) == "icmp") return IcmpTypes{type, std::nullopt};
  if (text.substr(0, slash) == "icmpv6") return IcmpTypes{std::nullopt, type};
  return std::nullopt;
}

std::vector<std::string_view> IcmpNames() {
  std::vector<std::string_view> names;
  names.reserve(kIcmpNames.size());
  for (const IcmpName& one : kIcmpNames) names.push_back(one.name);
  return names;
}

std::optional<RateLimit> ParseRate(std::string_view text) {
  constexpr std::string_view kBurst = " burst ";
  RateLimit rate;
  const size_t burst = text.find(kBurst);
  if (burst != std::string_view::npos) {
    const auto number = Number<uint32_t>(text.substr(burst + kBurst.size()));
    if (!number || *number == 0) return std::nullopt;
    rate.burst = *number;
    text = text.substr(0, burst);
  }
  const size_t slash = text.find('/');
  const auto count = Number<uint32_t>(text.substr(0, slash));
  if (slash == std::string_view::npos || !count || *count == 0) return std::nullopt;
  rate.count = *count;
  constexpr std::array<std::pair<std::string_view, uint64_t>, 4> kUnits = {
      {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}}};
  for (const auto& [name, seconds] : kUnits) {
    if (name != text.substr(slash + 1)) continue;
    rate.unit_seconds = seconds;
    return rate;
  }
  return std::nullopt;
}

bool IsDnsPattern(std::string_view text) {
  constexpr size_t kLongest = 253;
  if (text.size() > kLongest) return false;
  if (text.starts_with("*.")) text.remove_prefix(2);
  if (ParseAddress(text)) return false;
  while (true) {
    const size_t dot = text.find('.');
    if (!IsLabel(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace runward
