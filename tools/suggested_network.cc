#include "tools/suggested_network.h"

#include <algorithm>
#include <charconv>
#include <compare>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "netfilter/special_address.h"
#include "policy/address.h"
#include "policy/network_words.h"
#include "tools/report.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

// A protocol, and its port or ICMP's type; -1: the whole of it.
struct Service {
  uint8_t protocol = 0;
  int32_t number = -1;
  auto operator<=>(const Service&) const = default;
};

// Where a name was resolved, it is the name that is meant: its addresses change, and DNS passes for
// names alone.
struct Peers {
  std::vector<AddressRange> ranges;
  std::set<std::string> names;
  bool private_addresses = false;  // of a name
  auto operator<=>(const Peers&) const = default;
};

using ByService = std::map<Service, Peers>;
using ByPeers = std::map<Peers, std::vector<Service>>;

bool IsIcmp(uint8_t protocol) { return protocol == kProtocolIcmp || protocol == kProtocolIcmpV6; }

// By its name, or by the number that the log has for what has none there; nullopt for one that the
// policy has no word for.
std::optional<ProtocolName> ProtocolNamed(const std::string& text) {
  unsigned number = 256;
  std::from_chars(text.data(), text.data() + text.size(), number);
  for (const ProtocolName& one : Protocols()) {
    if (one.name == text || one.number == number) return one;
  }
  return std::nullopt;
}

std::optional<Service> ServiceIn(const SeenFlowKey& key) {
  const auto protocol = ProtocolNamed(key.protocol);
  if (!protocol) return std::nullopt;
  std::string_view why;
  const bool has_ports = ParsePorts("1/" + std::string(protocol->name), why).has_value();
  if (has_ports && key.port == 0) return std::nullopt;
  const bool numbered = has_ports || IsIcmp(protocol->number);
  return Service{protocol->number, numbered ? static_cast<int32_t>(key.port) : -1};
}

std::string NameOf(uint8_t protocol) {
  return std::string(std::ranges::find(Protocols(), protocol, &ProtocolName::number)->name);
}

// The services in their order: ports that follow one another are a range.
Json RuleOf(const Peers& peers, const std::vector<Service>& services, const char* peer_key) {
  Json to = Json::array();
  for (const AddressRange& range : peers.ranges) to.push_back(FormatRange(range));
  for (const std::string& name : peers.names) to.push_back("dns:" + name);
  Json rule = {{peer_key, std::move(to)}};
  if (peers.private_addresses) rule["privateAddresses"] = true;
  for (size_t i = 0; i < services.size(); ++i) {
    const Service& first = services[i];
    const std::string name = NameOf(first.protocol);
    if (first.number < 0) {
      rule["protocols"].push_back(name);
    } else if (IsIcmp(first.protocol)) {
      rule["icmp"].push_back(name + "/" + std::to_string(first.number));
    } else {
      const Service* last = &first;
      while (i + 1 < services.size() && services[i + 1].protocol == last->protocol &&
             services[i + 1].number == last->number + 1) {
        last = &services[++i];
      }
      std::string word = std::to_string(first.number);
      if (last != &first) word.append("-").append(std::to_string(last->number));
      rule["ports"].push_back(word.append("/").append(name));
    }
  }
  return rule;
}

Json DirectionOf(const ByService& services, const char* peer_key) {
  ByPeers rules;
  for (auto [service, spoken_with] : services) {
    spoken_with.ranges = MergeRanges(std::move(spoken_with.ranges));
    rules[std::move(spoken_with)].push_back(service);
  }
  Json direction = {{"default", "deny"}};
  for (const auto& [peers, spoken] : rules) {
    direction["allow"].push_back(RuleOf(peers, spoken, peer_key));
  }
  return direction;
}

void AddPeer(const SeenFlowKey& key, const Address& peer, Peers& peers) {
  if (key.ingress || !IsDnsPattern(key.name)) {
    peers.ranges.push_back({peer, peer});
    return;
  }
  peers.names.insert(key.name);
  peers.private_addresses |= IsSpecialAddress(peer);
}

std::string Described(const SeenFlow& flow) {
  return (flow.key.ingress ? "from " : "to ") + PeerOf(flow.key) + " " + ServiceOf(flow.key) +
         " (" + Grouped(flow.count) + ")";
}

}  // namespace

SuggestedNetwork SuggestNetwork(const std::vector<SeenFlow>& flows) {
  SuggestedNetwork suggested;
  ByService egress;
  ByService ingress;
  for (const SeenFlow& flow : flows) {
    const auto peer = ParseAddress(flow.key.peer);
    const auto service = ServiceIn(flow.key);
    if (peer && service) {
      AddPeer(flow.key, *peer, (flow.key.ingress ? ingress : egress)[*service]);
    } else if (flow.count > 0) {
      suggested.left_out.push_back(Described(flow));
    }
  }
  Json network = {{"egress", DirectionOf(egress, "to")}, {"ingress", DirectionOf(ingress, "from")}};
  suggested.text = Json({{"network", std::move(network)}}).dump(2) + "\n";
  return suggested;
}

}  // namespace runward
