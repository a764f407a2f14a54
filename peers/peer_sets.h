#pragma once

#include <functional>
#include <vector>

#include "netfilter/plan.h"
#include "peers/peer_entry.h"
#include "policy/network_rule.h"

namespace runward {

// The addresses that the sets of a container's rules have at this moment for the containers that
// are its peers: from `all`, those that run, itself perhaps among them.
//
// What a rule allows are addresses of containers that are vouched for, which they had before their
// first process ran (it could have taken any), which no other container has or shares, and which
// lie in a network of the container's own (`near`): elsewhere somebody else may have them. What a
// rule denies are all addresses that such a container has had.
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
  struct Peer {
    const PeerEntry* entry;
    std::vector<Address> trusted;  // where they are near
  };
  [[nodiscard]] std::vector<Address> Trusted(const Peer& peer) const;

  std::vector<Peer> peers_;
  Near near_;
};

}  // namespace runward
