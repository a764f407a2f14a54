#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"
#include "netfilter/net_namespace.h"
#include "peers/peer_entry.h"
#include "peers/peer_sets.h"

namespace runward {

// How long a start, and who changes rules by hand, waits for another.
inline constexpr int kPeerPatience = 10'000;  // milliseconds

// Has the sets of all running containers' rules hold what entries say now: `anew`, also those that
// were filled so before. With the lock held. An Error when some could not be filled, after all
// others were: an address may be allowed there that is another container's. A container whose table
// is not there, or that ends meanwhile, is none.
Result<void> UpdatePeers(const Paths& paths, bool anew = false);

// The addresses of a process' network by which others reach it.
Result<std::vector<Address>> AddressesOf(const NetNamespace& space);

// What the sets of one container's rules hold, whose network that is: looked at when it has to be,
// as that takes milliseconds; where it cannot be, nothing is near. `all` and `space` outlive it.
// With the lock held.
PeerSets PeersOf(const std::vector<PeerEntry>& all, const std::string& key,
                 const NetNamespace& space);

// A change of one container's rules by who may not wait long. Holds the lock.
struct PeerChange {
  static Result<PeerChange> Begin(const Paths& paths, const std::string& key,
                                  const NetNamespace& space);
  UniqueFd lock;
  std::vector<PeerEntry> all;
  PeerSets sets;  // of `all`
};

// Has the entry of a running container, which is made when there is none, have these rules. With
// the lock held.
Result<void> RewritePeerRules(const Paths& paths, const std::string& key, pid_t pid,
                              std::vector<PeerRule> rules);

}  // namespace runward
