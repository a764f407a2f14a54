#include "hooks/peer_step.h"

#include "hooks/network_step.h"
#include "netfilter/install.h"
#include "oci/network_record.h"
#include "oci/record.h"
#include "peers/keep_peers.h"

namespace runward {
namespace {

// What it has now is the engine's doing: no process of its own has run yet.
Result<PeerEntry> EntryOf(const PeerTask& peer, const NetNamespace& space, pid_t pid) {
  PeerEntry entry;
  entry.key = peer.key;
  entry.pid = pid;
  entry.start = StartTimeOf(pid);
  entry.profile = peer.profile;
  entry.image = peer.image;
  entry.vouched = peer.vouched;
  entry.alone = TRY(OtherInNetwork(space, pid)) == 0;
  const std::vector<Address> now = TRY(AddressesOf(space));
  if (entry.alone) entry.own = OwnAddresses(now);
  (void)NoteAddresses(now, entry);
  return entry;
}

}  // namespace

Result<void> JoinPeers(const Paths& paths, const PeerTask& peer, pid_t pid) {
  const NetNamespace space = TRY(ContainerNetwork(pid));
  const PeerEntry entry = TRY(EntryOf(peer, space, pid));
  const UniqueFd lock = TRY(LockPeers(paths, kPeerPatience));
  TRY(WritePeerEntry(paths, entry));
  return UpdatePeers(paths);
}

// Nobody waits for the lock while the agent is asked, before the rules are filled.
Result<void> InstallWithPeers(const Paths& paths, const PeerTask& peer, pid_t pid) {
  const NetNamespace space = TRY(ContainerNetwork(pid));
  PeerEntry entry = TRY(EntryOf(peer, space, pid));
  UniqueFd lock;
  const auto fill = [&](const NetworkRule& rule, NetfilterPlan& plan) -> Result<void> {
    lock = TRY(LockPeers(paths, kPeerPatience));
    entry.rules = PeerRulesOf(rule);
    const std::vector<PeerEntry> all = TRY(ReadPeerEntries(paths));
    const PeerSets sets = PeersOf(all, entry.key, space);
    sets.Fill(entry.rules, plan);
    return {};
  };
  Result<void> installed = InstallNetwork(paths, peer.key, pid, fill);
  // In audit mode it starts all the same, and others' rules have to know it.
  if (!installed.ok()) entry.rules.clear();
  if (!lock.valid()) lock = TRY(LockPeers(paths, kPeerPatience));
  TRY(WritePeerEntry(paths, entry));
  TRY(UpdatePeers(paths));
  return installed;
}

}  // namespace runward
