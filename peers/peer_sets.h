#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "netfilter/plan.h"
#include "peers/peer_entry.h"
#include "policy/network_rule.h"

namespace runward {

// The addresses that the sets of a container's rules have at this moment for the containers that
// are its peers: from `all`, those that run, itself perhaps among them.
//
// What a rule allows are addresses of containers that are vouched for, which they had before their
// first process ran (it could have taken any), and which lie in a network of the container's own
// (`near`): elsewhere somebody else may have them. Those that share a network, as a pod's do, share
// its addresses: each of them must be such a peer of the rule. What another container has had
// otherwise, too, is nobody's. What a rule denies are all addresses that such a container has had.
class PeerSets {
 public:
  using Near = std::function<bool(const Address&)>;
  // `near` is asked only about what would be allowed otherwise.
  PeerSets(const std::vector<PeerEntry>& all, const std::string& key, Near near);

  [[nodiscard]] std::vector<Address> Of(bool allow, const std::vector<ContainerPeer>& peers) const;
  // All sets of the rules, those that stay empty too.
  [[nodiscard]] std::vector<PlanSet> For(const std::vector<PeerRule>& rules) const;
  // Puts them into a plan's sets.
  void Fill(const std::vector<PeerRule>& rules, NetfilterPlan& plan) const;
  // Whether the address is one of a peer that the rule lists.
  [[nodiscard]] bool Has(const NetworkRuleItem& item, const Address& address) const;

 private:
  using Peers = std::vector<ContainerPeer>;
  [[nodiscard]] bool Trusted(const PeerEntry& peer, const Address& address,
                             const Peers& peers) const;

  std::vector<const PeerEntry*> all_;
  std::string key_;
  std::map<uint64_t, std::vector<const PeerEntry*>> together_;  // by their network
  std::map<Address, std::vector<const PeerEntry*>> holders_;    // who has had it
  Near near_;
};

}  // namespace runward
