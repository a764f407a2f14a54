#include "peers/peer_sets.h"

#include <algorithm>
#include <map>

#include "policy/container_peer.h"

namespace runward {
namespace {

bool FitsAny(const PeerEntry& entry, const std::vector<ContainerPeer>& peers) {
  return std::ranges::any_of(peers, [&entry](const ContainerPeer& peer) {
    return FitsPeer(peer, entry.profile, entry.image);
  });
}

}  // namespace

PeerSets::PeerSets(const std::vector<PeerEntry>& all, const std::string& key, Near near)
    : near_(std::move(near)) {
  std::map<Address, int> holders;
  for (const PeerEntry& entry : all) {
    for (const Address& address : entry.seen) ++holders[address];
  }
  for (const PeerEntry& entry : all) {
    if (entry.key == key) continue;
    Peer& peer = peers_.emplace_back(Peer{.entry = &entry, .trusted = {}});
    if (!entry.vouched || !entry.alone) continue;
    std::ranges::copy_if(entry.own, std::back_inserter(peer.trusted),
                         [&](const Address& address) { return holders[address] == 1; });
  }
}

std::vector<Address> PeerSets::Trusted(const Peer& peer) const {
  std::vector<Address> trusted;
  std::ranges::copy_if(peer.trusted, std::back_inserter(trusted), near_);
  return trusted;
}

std::vector<Address> PeerSets::Of(bool allow, const std::vector<ContainerPeer>& peers) const {
  std::vector<Address> addresses;
  for (const Peer& peer : peers_) {
    if (!FitsAny(*peer.entry, peers)) continue;
    const std::vector<Address> its = allow ? Trusted(peer) : peer.entry->seen;
    addresses.insert(addresses.end(), its.begin(), its.end());
  }
  std::ranges::sort(addresses);
  // clang 14 cannot read libstdc++'s std::ranges::unique.
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

std::vector<PlanSet> PeerSets::For(const std::vector<PeerRule>& rules) const {
  std::vector<PlanSet> sets;
  for (const PeerRule& rule : rules) {
    PlanSet four{.name = rule.set4, .kind = SetKind::kIpv4, .live = true};
    PlanSet six{.name = rule.set6, .kind = SetKind::kIpv6, .live = true};
    for (const Address& address : Of(rule.allow, rule.peers)) {
      (address.v6 ? six : four).names.push_back({.address = address});
    }
    sets.push_back(std::move(four));
    sets.push_back(std::move(six));
  }
  return sets;
}

void PeerSets::Fill(const std::vector<PeerRule>& rules, NetfilterPlan& plan) const {
  for (PlanSet& set : For(rules)) {
    const auto planned = std::ranges::find(plan.sets, set.name, &PlanSet::name);
    if (planned != plan.sets.end()) planned->names = std::move(set.names);
  }
}

bool PeerSets::Has(const NetworkRuleItem& item, const Address& address) const {
  if (item.containers.empty()) return false;
  const std::vector<Address> all = Of(item.allow, item.containers);
  return std::ranges::find(all, address) != all.end();
}

}  // namespace runward
