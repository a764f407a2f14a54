#pragma once

#include <map>
#include <memory>
#include <string>

#include "agent/poller.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"
#include "peers/peer_entry.h"

namespace runward {

// Follows the containers that are peers of network rules (peers/peer_entry.h), so that an address
// leaves the rules of others when its container ends or loses it. Those that start tell of
// themselves: runward-hook brings all sets up to date before their first process.
class PeerWatch {
 public:
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;
  ~PeerWatch();
  static Result<std::unique_ptr<PeerWatch>> Open(const Paths& paths, Poller& poller);
  // Takes in what there is, and what an earlier agent missed.
  void Begin();

 private:
  struct Watched {
    uint64_t start = 0;
    UniqueFd alive;       // readable when it has ended
    UniqueFd addresses;   // an rtnetlink socket in its network: readable when they change
    bool changed = true;  // they have, and were not looked at since
  };
  PeerWatch(const Paths& paths, Poller& poller, UniqueFd files, UniqueFd timer)
      : paths_(paths), poller_(poller), files_(std::move(files)), timer_(std::move(timer)) {}

  // Follows those that entries name, has these say which addresses are there now, and fills sets
  // by them where that, or an end, is news. While another holds the lock it is tried again, soon.
  void Update();
  Result<void> UpdateLocked();
  void Follow(const PeerEntry& entry);
  Result<bool> Look(PeerEntry& entry);
  void Leave(const std::string& key);
  void TryAgain(long nanoseconds);
  void Tell(const Error& error);

  const Paths& paths_;
  Poller& poller_;
  UniqueFd files_;  // inotify
  UniqueFd timer_;
  std::map<std::string, Watched> watched_;  // by key
  bool stale_ = true;                       // sets may not be as entries say
  bool begun_ = false;
  bool filled_ = false;  // all sets, once, whatever entries say they hold
  std::string told_;     // the last failure
};

}  // namespace runward
