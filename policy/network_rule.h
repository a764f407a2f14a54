#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "policy/address.h"

namespace runward {

// A profile's "network" section: whom a container may speak with. docs/network.md.

enum class Direction : uint8_t { kEgress, kIngress };

struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;
  auto operator<=>(const PortRange&) const = default;
};

// A protocol of the Internet by its number, and what of it: ports (none: any), or ICMP's types.
struct ProtocolMatch {
  uint8_t number = 0;
  std::vector<PortRange> ports;
  std::vector<uint8_t> types;
};

struct RateLimit {
  uint64_t count = 0;
  uint64_t unit_seconds = 1;
  uint32_t burst = 5;
};

// Containers of this node: "profile:web", those that a profile governs, or
// "image:registry.example.com/web/*", those of an image.
struct ContainerPeer {
  bool image = false;   // else: a profile
  std::string pattern;  // the profile's name, or a glob

  bool operator==(const ContainerPeer&) const = default;
};

struct NetworkRuleItem {
  std::string place;  // "network.egress.allow[2]"
  std::string name;   // what the policy calls it; may be ""
  bool allow = false;
  bool any_peer = true;              // no `to` or `from`
  std::vector<AddressRange> ranges;  // merged, sorted
  std::vector<std::string> dns;      // "api.example.com", "*.example.com"; lower case
  bool private_ok = false;           // whether a name may resolve to an address of a private net
  std::vector<ContainerPeer> containers;
  std::vector<ProtocolMatch> protocols;  // none: all
  std::optional<RateLimit> rate;         // what an allow rule allows at most; beyond it is denied
};

struct NetworkDirection {
  bool default_allow = true;
  std::vector<NetworkRuleItem> rules;  // in the order in which they are looked at
};

// What becomes of NET_ADMIN and NET_RAW: taken away, a reason to refuse, left to a container that
// is trusted, or left to one whose packets are judged where it cannot reach
// (policy/host_network.h).
enum class NetworkCapabilities : uint8_t { kWithhold, kRefuse, kKeep, kVeth };

// What becomes of a container that shares the host's network namespace: it is refused, starts
// without rules, or is held to them by its control group (policy/host_network.h).
enum class HostNetwork : uint8_t { kDeny, kAllow, kCgroup };

struct NetworkRule {
  bool given = false;  // false: no section, nothing restricted
  NetworkDirection egress;
  NetworkDirection ingress;
  NetworkCapabilities capabilities = NetworkCapabilities::kWithhold;
  HostNetwork host_network = HostNetwork::kDeny;
  bool cut_on_change = false;  // open connections that changed rules deny are forgotten
};

// Of a section that Validate and CheckNetwork found good; `groups` is the policy's
// "addressGroups". An absent section gives a rule that is not `given`.
NetworkRule ReadNetworkRule(JsonValue network, JsonValue groups);

// "network.egress.allow[2]", or its own name in front: `api (network.egress.allow[2])`; nullopt is
// the default.
std::string RuleName(const NetworkRule& rule, Direction direction, std::optional<uint32_t> index);

// Whether names are to be resolved for it, so that a container's DNS must pass the agent.
bool NeedsDns(const NetworkRule& rule);

// Whether a rule has containers as peers, so that their addresses are to be kept up.
bool NeedsPeers(const NetworkRule& rule);

// Addresses under which clouds hand out a machine's credentials: the group "@metadata".
std::vector<AddressRange> MetadataAddresses();
inline constexpr std::string_view kMetadataGroup = "@metadata";

}  // namespace runward
