#include "peers/keep_peers.h"

#include <optional>

#include "base/encoding.h"
#include "netfilter/fill_sets.h"
#include "netfilter/install.h"
#include "netfilter/interface_addresses.h"
#include "netfilter/names.h"
#include "oci/record.h"

namespace runward {
namespace {

Result<InterfaceAddresses> ReadIn(const NetNamespace& space) {
  const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
  return InterfaceAddresses::Read();
}

// To whom no network could be read, nobody is near.
InterfaceAddresses ReadOrNone(const NetNamespace& space) {
  Result<InterfaceAddresses> read = ReadIn(space);
  return read.ok() ? std::move(read.value()) : InterfaceAddresses();
}

std::string TextOf(const std::vector<PlanSet>& sets) {
  std::string text;
  for (const PlanSet& set : sets) {
    text += set.name;
    for (const TimedAddress& one : set.names) text += " " + FormatAddress(one.address);
    text += ";";
  }
  return Sha256Hex(text);
}

Result<void> FillOne(const Paths& paths, const std::vector<PeerEntry>& all, const PeerEntry& entry,
                     bool anew, std::vector<NetfilterSocket>& used) {
  if (entry.rules.empty()) return {};
  const NetNamespace space = TRY(ContainerNetwork(entry.pid));
  const PeerSets peers = PeersOf(all, entry.key, space);
  const std::vector<PlanSet> sets = peers.For(entry.rules);
  const std::string text = TextOf(sets);
  if (!anew && text == entry.filled) return {};
  (void)TRY(FillSets(space, TableName(entry.key), sets, used));
  PeerEntry filled = entry;
  filled.filled = text;
  return WritePeerEntry(paths, filled);
}

}  // namespace

Result<std::vector<Address>> AddressesOf(const NetNamespace& space) {
  const InterfaceAddresses own = TRY(ReadIn(space));
  return own.Reachable();
}

PeerSets PeersOf(const std::vector<PeerEntry>& all, const std::string& key,
                 const NetNamespace& space) {
  const auto own = std::make_shared<std::optional<InterfaceAddresses>>();
  return {all, key, [own, &space](const Address& address) {
            if (!own->has_value()) *own = ReadOrNone(space);
            return (*own)->Near(address);
          }};
}

Result<PeerChange> PeerChange::Begin(const Paths& paths, const std::string& key,
                                     const NetNamespace& space) {
  constexpr int kPatience = 500;  // milliseconds
  UniqueFd lock = TRY(LockPeers(paths, kPatience));
  std::vector<PeerEntry> all = TRY(ReadPeerEntries(paths));
  PeerSets sets = PeersOf(all, key, space);
  return PeerChange{.lock = std::move(lock), .all = std::move(all), .sets = std::move(sets)};
}

Result<void> UpdatePeers(const Paths& paths, bool anew) {
  const std::vector<PeerEntry> all = TRY(ReadPeerEntries(paths));
  std::optional<Error> failed;
  std::vector<NetfilterSocket> used;
  for (const PeerEntry& entry : all) {
    const Result<void> filled = FillOne(paths, all, entry, anew, used);
    if (filled.ok() || !Lives(entry)) continue;
    failed = Error{
        "the addresses that container " + entry.key.substr(0, 12) +
            " may reach as its peers could not be brought up to date: " + filled.error().message,
        filled.error().hint};
  }
  if (failed) return *std::move(failed);
  return {};
}

Result<void> RewritePeerRules(const Paths& paths, const std::string& key, pid_t pid,
                              std::vector<PeerRule> rules) {
  Result<PeerEntry> known = ReadPeerEntry(paths, key);
  PeerEntry entry;
  if (known.ok()) {
    entry = std::move(known).value();
  } else {
    if (rules.empty()) return {};
    // As it runs already, nothing is known of its addresses but that it has them.
    const NetNamespace space = TRY(ContainerNetwork(pid));
    entry.key = key;
    const std::vector<Address> now = TRY(AddressesOf(space));
    (void)NoteAddresses(now, entry);
  }
  entry.pid = pid;
  entry.start = StartTimeOf(pid);
  entry.rules = std::move(rules);
  entry.filled.clear();
  return WritePeerEntry(paths, entry);
}

}  // namespace runward
