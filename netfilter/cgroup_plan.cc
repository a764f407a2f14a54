#include "netfilter/cgroup_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "policy/host_network.h"
#include "policy/network_words.h"

namespace runward {
namespace {

using Bytes = std::array<uint8_t, 20>;

constexpr size_t kMostEntries = 65536;
constexpr uint32_t kPeerHead = 32;   // bits before a peer's address
constexpr uint32_t kAnyService = 8;  // those of the direction
constexpr uint32_t kAnyNumber = 16;  // and of the protocol

bool BitAt(const Bytes& bytes, uint32_t at) { return (bytes.at(at / 8) >> (7 - at % 8) & 1) != 0; }

void SetBit(Bytes& bytes, uint32_t at) {
  bytes.at(at / 8) = static_cast<uint8_t>(bytes.at(at / 8) | (1U << (7 - at % 8)));
}

// Whether both begin with the same bits.
bool Alike(const Bytes& one, const Bytes& other, uint32_t bits) {
  for (uint32_t at = 0; at < bits; ++at) {
    if (BitAt(one, at) != BitAt(other, at)) return false;
  }
  return true;
}

class Table {
 public:
  void Add(const Bytes& bytes, uint32_t bits, size_t rule) {
    RuleBits& rules = entries_[{bytes, bits}];
    rules.at(rule / 64) |= uint64_t{1} << rule % 64;
  }

  // All that lies from `first` to `last`, which are alike but for their bits from `fixed` to `end`.
  void AddRange(const Bytes& first, const Bytes& last, std::pair<uint32_t, uint32_t> places,
                size_t rule) {
    Bytes from = first;
    const auto [fixed, end] = places;
    while (true) {
      const uint32_t bits = Largest(from, last, fixed, end);
      Add(from, bits, rule);
      if (!StepOver(from, bits, fixed) || from > last) return;
    }
  }

  // Sorted, an entry comes behind those that it lies in.
  std::vector<PrefixEntry> Take() {
    std::vector<PrefixEntry> entries;
    std::vector<size_t> around;
    for (const auto& [key, rules] : entries_) {
      PrefixEntry entry{.bits = key.second, .bytes = key.first, .rules = rules};
      while (!around.empty() &&
             !Alike(entries[around.back()].bytes, entry.bytes, entries[around.back()].bits)) {
        around.pop_back();
      }
      if (!around.empty()) {
        const RuleBits& outer = entries[around.back()].rules;
        for (size_t i = 0; i < kCgroupWords; ++i) entry.rules.at(i) |= outer.at(i);
      }
      around.push_back(entries.size());
      entries.push_back(entry);
    }
    return entries;
  }

 private:
  // How long the prefix of the largest block is that begins at `from` and ends not after `last`.
  static uint32_t Largest(const Bytes& from, const Bytes& last, uint32_t fixed, uint32_t end) {
    uint32_t bits = end;
    Bytes block = from;  // the last of the block
    while (bits > fixed && !BitAt(from, bits - 1)) {
      SetBit(block, bits - 1);
      if (block > last) break;
      --bits;
    }
    return bits;
  }

  // To the block's neighbour; false when there is none.
  static bool StepOver(Bytes& from, uint32_t bits, uint32_t fixed) {
    for (uint32_t at = bits; at > fixed; --at) {
      const uint8_t bit = 1U << (7 - (at - 1) % 8);
      uint8_t& byte = from.at((at - 1) / 8);
      byte ^= bit;
      if ((byte & bit) != 0) return true;
    }
    return false;
  }

  std::map<std::pair<Bytes, uint32_t>, RuleBits> entries_;
};

Bytes PeerBytes(bool ingress, const Address& address) {
  Bytes bytes{ingress, address.v6};
  std::copy_n(address.bytes.begin(), address.size(), bytes.begin() + kPeerHead / 8);
  return bytes;
}

void AddPeers(const NetworkRuleItem& item, bool ingress, size_t rule, Table& peers) {
  if (item.any_peer) {
    for (const bool v6 : {false, true}) peers.Add({ingress, v6}, kPeerHead, rule);
  }
  for (const AddressRange& range : item.ranges) {
    const auto end = static_cast<uint32_t>(kPeerHead + 8 * range.first.size());
    peers.AddRange(PeerBytes(ingress, range.first), PeerBytes(ingress, range.last),
                   {kPeerHead, end}, rule);
  }
}

Bytes ServiceBytes(bool ingress, uint8_t protocol, uint16_t number) {
  return {ingress, protocol, static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)};
}

void AddServices(const NetworkRuleItem& item, bool ingress, size_t rule, Table& services) {
  if (item.protocols.empty()) services.Add({ingress}, kAnyService, rule);
  for (const ProtocolMatch& match : item.protocols) {
    if (match.ports.empty() && match.types.empty()) {
      services.Add({ingress, match.number}, kAnyNumber, rule);
    }
    for (const PortRange& ports : match.ports) {
      services.AddRange(ServiceBytes(ingress, match.number, ports.first),
                        ServiceBytes(ingress, match.number, ports.last), {kAnyNumber, 32}, rule);
    }
    for (const uint8_t type : match.types) {
      services.Add({ingress, match.number, type}, 24, rule);
    }
  }
}

RuleBits AllowingRules(const NetworkDirection& direction) {
  RuleBits allow = {};
  for (size_t i = 0; i < direction.rules.size(); ++i) {
    if (direction.rules[i].allow) allow.at(i / 64) |= uint64_t{1} << i % 64;
  }
  return allow;
}

}  // namespace

Result<CgroupPlan> BuildCgroupPlan(const NetworkRule& rule) {
  if (const std::string why = WhyNotByCgroup(rule); !why.empty()) {
    return Error{"its network rules cannot be held by programs: " + why, "leave that out of them"};
  }
  CgroupPlan plan;
  Table peers;
  Table services;
  for (const bool ingress : {false, true}) {
    const NetworkDirection& direction = ingress ? rule.ingress : rule.egress;
    plan.default_allow.at(size_t{ingress}) = direction.default_allow;
    plan.allow.at(size_t{ingress}) = AllowingRules(direction);
    for (size_t i = 0; i < direction.rules.size(); ++i) {
      AddPeers(direction.rules[i], ingress, i, peers);
      AddServices(direction.rules[i], ingress, i, services);
    }
  }
  plan.peers = peers.Take();
  plan.services = services.Take();
  if (plan.peers.size() <= kMostEntries && plan.services.size() <= kMostEntries) return plan;
  return Error{"its network rules have more than " + std::to_string(kMostEntries) +
                   " prefixes, which is too much for programs",
               "list fewer addresses"};
}

std::string DigestOf(const CgroupPlan& plan) {
  std::string bytes;
  const auto add = [&](const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  for (const size_t direction : {0U, 1U}) {
    add(plan.default_allow.at(direction));
    for (const uint64_t word : plan.allow.at(direction)) add(word);
  }
  for (const auto* entries : {&plan.peers, &plan.services}) {
    add(entries->size());
    for (const PrefixEntry& entry : *entries) {
      add(entry.bits);
      bytes.append(reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size());
      for (const uint64_t word : entry.rules) add(word);
    }
  }
  return Sha256Hex(bytes);
}

}  // namespace runward
