#include "peers/peer_sets.h"

#include <algorithm>

#include "policy/container_peer.h"

namespace runward {
namespace {

bool FitsAny(const PeerEntry& entry, const std::vector<ContainerPeer>& peers) {
  return std::ranges::any_of(peers, [&entry](const ContainerPeer& peer) {
    return FitsPeer(peer, entry.profile, entry.image);
  });
}

bool Contains(const std::vector<Address>& all, const Address& address) {
  return std::ranges::find(all, address) != all.end();
}

}  // namespace

PeerSets::PeerSets(const std::vector<PeerEntry>& all, const std::string& key, Near near)
    : key_(key), near_(std::move(near)) {
  for (const PeerEntry& entry : all) {
    all_.push_back(&entry);
    if (entry.space != 0) together_[entry.space].push_back(&entry);
    for (const Address& address : entry.seen) holders_[address].push_back(&entry);
  }
}

bool PeerSets::Trusted(const PeerEntry& peer, const Address& address, const Peers& peers) const {
  const auto counts = [&](const PeerEntry* one) {
    return one->key != key_ && one->vouched && one->alone && Contains(one->own, address) &&
           FitsAny(*one, peers);
  };
  const auto shares = [&](const PeerEntry* one) {
    return one == &peer || (one->space != 0 && one->space == peer.space);
  };
  const auto together = together_.find(peer.space);
  return counts(&peer) && std::ranges::all_of(holders_.at(address), shares) &&
         (together == together_.end() || std::ranges::all_of(together->second, counts)) &&
         near_(address);
}

std::vector<Address> PeerSets::Of(bool allow, const std::vector<ContainerPeer>& peers) const {
  std::vector<Address> addresses;
  for (const PeerEntry* peer : all_) {
    if (peer->key == key_ || !FitsAny(*peer, peers)) continue;
    std::ranges::copy_if(peer->seen, std::back_inserter(addresses), [&](const Address& address) {
      return !allow || Trusted(*peer, address, peers);
    });
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
  return Contains(Of(item.allow, item.containers), address);
}

}  // namespace runward
