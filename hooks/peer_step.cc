#include "hooks/peer_step.h"

#include <algorithm>

#include "hooks/network_members.h"
#include "hooks/network_step.h"
#include "netfilter/install.h"
#include "netfilter/network_scope.h"
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
  entry.space = space.inode;
  // One that others are in as well does not tell whose a process is.
  const Result<CgroupScope> group = ControlGroupOf(pid);
  if (group.ok()) entry.group = "/" + group.value().path;
  const std::vector<Address> now = TRY(AddressesOf(space));
  entry.own = OwnAddresses(now);
  (void)NoteAddresses(now, entry);
  return entry;
}

// Of a network that it shares, what is there may be the doing of those that were there before: only
// what each of them has as its own can be its own.
Result<void> MeetOthers(const std::vector<PeerEntry>& all, const NetNamespace& space,
                        PeerEntry& entry) {
  std::vector<std::string> groups;
  for (const PeerEntry& other : all) {
    if (other.space != entry.space) continue;
    groups.push_back(other.group);
    std::erase_if(entry.own, [&](const Address& one) {
      return std::ranges::find(other.own, one) == other.own.end();
    });
  }
  const std::vector<pid_t> others = TRY(OthersInNetwork(space, entry.pid));
  for (const pid_t other : others) {
    if (TRY(IsStranger(other, groups))) return {};
  }
  entry.alone = true;
  return {};
}

}  // namespace

Result<void> JoinPeers(const Paths& paths, const PeerTask& peer, pid_t pid) {
  const NetNamespace space = TRY(ContainerNetwork(pid));
  PeerEntry entry = TRY(EntryOf(peer, space, pid));
  const UniqueFd lock = TRY(LockPeers(paths, kPeerPatience));
  const std::vector<PeerEntry> all = TRY(ReadPeerEntries(paths));
  TRY(MeetOthers(all, space, entry));
  TRY(WritePeerEntry(paths, entry));
  return UpdatePeers(paths);
}

// Nobody waits for the lock while the agent is asked, before the rules are filled.
Result<void> InstallWithPeers(const Paths& paths, const PeerTask& peer, pid_t pid) {
  const NetNamespace space = TRY(ContainerNetwork(pid));
  PeerEntry entry = TRY(EntryOf(peer, space, pid));
  UniqueFd lock;
  const auto meet = [&]() -> Result<std::vector<PeerEntry>> {
    lock = TRY(LockPeers(paths, kPeerPatience));
    std::vector<PeerEntry> all = TRY(ReadPeerEntries(paths));
    TRY(MeetOthers(all, space, entry));
    return all;
  };
  const auto fill = [&](const NetworkRule& rule, NetfilterPlan& plan) -> Result<void> {
    const std::vector<PeerEntry> all = TRY(meet());
    entry.rules = PeerRulesOf(rule);
    const PeerSets sets = PeersOf(all, entry.key, space);
    sets.Fill(entry.rules, plan);
    return {};
  };
  Result<void> installed = InstallNetwork(paths, peer.key, pid, fill);
  // In audit mode it starts all the same, and others' rules have to know it.
  if (!installed.ok()) entry.rules.clear();
  if (!lock.valid()) (void)TRY(meet());
  TRY(WritePeerEntry(paths, entry));
  TRY(UpdatePeers(paths));
  return installed;
}

}  // namespace runward
