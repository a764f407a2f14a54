#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"
#include "policy/address.h"
#include "policy/network_rule.h"

namespace runward {

// A rule that has containers as peers, with the beginning of its sets' names (netfilter/names.h).
struct PeerRule {
  std::string set4;
  std::string set6;
  bool allow = false;
  std::vector<ContainerPeer> peers;

  bool operator==(const PeerRule&) const = default;
};
std::vector<PeerRule> PeerRulesOf(const NetworkRule& rule);

// What is known of a running container as a peer of others', and which others are peers of its own:
// RUN/peers/<key>, root's alone, from its start to its end. All that decides whose addresses a set
// gets is in these files, so that each program which holds the lock comes to the same.
inline constexpr size_t kMostSeen = 1024;
struct PeerEntry {
  std::string key;  // of its record
  pid_t pid = 0;    // its first process
  uint64_t start = 0;
  std::string profile;
  std::string image;     // the name that a trusted key gave it; "" where none did
  bool vouched = false;  // allowed to start, by what a trusted key or the policy says of its image
  bool alone = false;    // in its network were, when it started, only such as have entries
  uint64_t space = 0;    // the network's inode; 0: not known
  std::string group;     // its control group then (UnifiedGroupOf); "": not known
  std::vector<Address> own;   // OwnAddresses before its first process, which it has had since
  std::vector<Address> seen;  // all that it has had, up to kMostSeen
  std::vector<PeerRule> rules;
  std::string filled;  // with what the rules' sets were filled last; "": not known
};

// Of all that it has, those that can be its alone: not a link's, nor any host's.
std::vector<Address> OwnAddresses(const std::vector<Address>& all);

// Notes which addresses it has now, while it runs: what it lost is never its own again, and what it
// got counts against it alone. One that has had more than kMostSeen has none of its own any more.
// True when that is news.
bool NoteAddresses(const std::vector<Address>& now, PeerEntry& entry);

std::string FormatPeerEntry(const PeerEntry& entry);
// Fails for what FormatPeerEntry would not have written.
Result<PeerEntry> ParsePeerEntry(std::string text, std::string key);

std::string PeerDirectory(const Paths& paths);
// Held by who reads entries to fill sets by them, until the sets are filled: what two did at a time
// could leave an address that is another's by now.
Result<UniqueFd> LockPeers(const Paths& paths, int milliseconds);

// Whether its first process has not ended.
bool Lives(const PeerEntry& entry);

// With the lock held.
Result<void> WritePeerEntry(const Paths& paths, const PeerEntry& entry);
Result<PeerEntry> ReadPeerEntry(const Paths& paths, const std::string& key);
// Those of living containers; others' files are removed, and `ended` is set. An entry that cannot
// be read is an Error while its file is there: what it would say is not known.
Result<std::vector<PeerEntry>> ReadPeerEntries(const Paths& paths, bool* ended = nullptr);

}  // namespace runward
