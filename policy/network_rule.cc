#include "policy/network_rule.h"

#include <algorithm>
#include <map>

#include "policy/container_peer.h"
#include "policy/network_words.h"

namespace runward {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return lower;
}

void AddGroup(std::string_view name, JsonValue groups, std::vector<AddressRange>& ranges) {
  if (name == kMetadataGroup) {
    const std::vector<AddressRange> metadata = MetadataAddresses();
    ranges.insert(ranges.end(), metadata.begin(), metadata.end());
    return;
  }
  for (const JsonValue group : groups) {
    if (group.Find("name").text() != name.substr(1)) continue;
    for (const JsonValue one : group.Find("addresses")) {
      if (const auto range = ParseAddressRange(one.text()).range) ranges.push_back(*range);
    }
  }
}

void ReadPeers(JsonValue list, JsonValue groups, NetworkRuleItem& item) {
  constexpr std::string_view kDns = "dns:";
  item.any_peer = !list;
  for (const JsonValue peer : list) {
    const std::string_view text = peer.text();
    if (text.starts_with(kDns)) {
      item.dns.push_back(Lower(text.substr(kDns.size())));
    } else if (auto containers = ParseContainerPeer(text)) {
      item.containers.push_back(*std::move(containers));
    } else if (text.starts_with('@')) {
      AddGroup(text, groups, item.ranges);
    } else if (const auto range = ParseAddressRange(text).range) {
      item.ranges.push_back(*range);
    }
  }
  item.ranges = MergeRanges(std::move(item.ranges));
}

std::vector<PortRange> MergePorts(std::vector<PortRange> ports) {
  std::ranges::sort(ports);
  std::vector<PortRange> merged;
  for (const PortRange& range : ports) {
    if (!merged.empty() && range.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::vector<ProtocolMatch> ReadProtocols(JsonValue rule) {
  std::map<uint8_t, ProtocolMatch> found;
  const auto of = [&found](uint8_t number) -> ProtocolMatch& {
    found[number].number = number;
    return found[number];
  };
  std::string_view why;
  for (const JsonValue word : rule.Find("protocols")) of(ProtocolOf(word.text()).value_or(0));
  for (const JsonValue word : rule.Find("ports")) {
    const auto ports = ParsePorts(word.text(), why);
    if (!ports) continue;
    for (const uint8_t protocol : ports->protocols) of(protocol).ports.push_back(ports->ports);
  }
  for (const JsonValue word : rule.Find("icmp")) {
    const IcmpTypes types = ParseIcmp(word.text()).value_or(IcmpTypes{});
    if (types.v4) of(kProtocolIcmp).types.push_back(*types.v4);
    if (types.v6) of(kProtocolIcmpV6).types.push_back(*types.v6);
  }
  std::vector<ProtocolMatch> protocols;
  for (auto& [number, match] : found) {
    match.ports = MergePorts(std::move(match.ports));
    std::ranges::sort(match.types);
    // clang 14 cannot read libstdc++'s std::ranges::unique.
    match.types.erase(std::unique(match.types.begin(), match.types.end()), match.types.end());
    protocols.push_back(std::move(match));
  }
  return protocols;
}

NetworkRuleItem ReadItem(JsonValue rule, bool allow, std::string place, JsonValue groups) {
  NetworkRuleItem item{
      .place = std::move(place), .name = std::string(rule.Find("name").text()), .allow = allow};
  const JsonValue to = rule.Find("to");
  ReadPeers(to ? to : rule.Find("from"), groups, item);
  item.protocols = ReadProtocols(rule);
  item.rate = ParseRate(rule.Find("rate").text());
  item.private_ok = rule.Find("privateAddresses").text() == "true";
  return item;
}

NetworkDirection ReadDirection(JsonValue direction, std::string_view name, JsonValue groups) {
  NetworkDirection out{.default_allow = direction.Find("default").text() != "deny"};
  // What is denied is denied whatever is allowed; "rules" has an order of its own.
  for (const std::string_view list : {"deny", "allow", "rules"}) {
    size_t index = 0;
    for (const JsonValue rule : direction.Find(list)) {
      const bool allow = list == "rules" ? rule.Find("action").text() == "allow" : list == "allow";
      std::string place = "network." + std::string(name) + "." + std::string(list) + "[" +
                          std::to_string(index++) + "]";
      out.rules.push_back(ReadItem(rule, allow, std::move(place), groups));
    }
  }
  return out;
}

}  // namespace

NetworkRule ReadNetworkRule(JsonValue network, JsonValue groups) {
  NetworkRule rule;
  if (!network) return rule;
  rule.given = true;
  rule.egress = ReadDirection(network.Find("egress"), "egress", groups);
  rule.ingress = ReadDirection(network.Find("ingress"), "ingress", groups);
  const std::string_view capabilities = network.Find("capabilities").text();
  if (capabilities == "refuse") rule.capabilities = NetworkCapabilities::kRefuse;
  if (capabilities == "veth") rule.capabilities = NetworkCapabilities::kVeth;
  if (capabilities == "keep") rule.capabilities = NetworkCapabilities::kKeep;
  const std::string_view host = network.Find("hostNetwork").text();
  if (host == "allow") rule.host_network = HostNetwork::kAllow;
  if (host == "cgroup") rule.host_network = HostNetwork::kCgroup;
  rule.cut_on_change = network.Find("onChange").text() == "cut";
  return rule;
}

std::string RuleName(const NetworkRule& rule, Direction direction, std::optional<uint32_t> index) {
  const bool egress = direction == Direction::kEgress;
  const auto& rules = egress ? rule.egress.rules : rule.ingress.rules;
  const std::string section = egress ? "network.egress." : "network.ingress.";
  if (!index) return section + "default";
  if (*index >= rules.size()) return section + "rule " + std::to_string(*index);
  const NetworkRuleItem& item = rules[*index];
  return item.name.empty() ? item.place : item.name + " (" + item.place + ")";
}

bool NeedsDns(const NetworkRule& rule) {
  return std::ranges::any_of(rule.egress.rules,
                             [](const NetworkRuleItem& item) { return !item.dns.empty(); });
}

bool NeedsPeers(const NetworkRule& rule) {
  const auto names = [](const NetworkRuleItem& item) { return !item.containers.empty(); };
  return std::ranges::any_of(rule.egress.rules, names) ||
         std::ranges::any_of(rule.ingress.rules, names);
}

std::vector<AddressRange> MetadataAddresses() {
  // AWS, Azure, Google, Oracle, DigitalOcean and others; AWS tasks; Alibaba; Azure's wire server;
  // AWS over IPv6; Google over IPv6.
  std::vector<AddressRange> ranges;
  for (const char* text : {"169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200",
                           "168.63.129.16", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"}) {
    ranges.push_back(*ParseAddressRange(text).range);
  }
  return MergeRanges(std::move(ranges));
}

}  // namespace runward
