#pragma once

#include <map>
#include <memory>
#include <string>

#include "agent/dns_resolver.h"
#include "agent/peer_watch.h"
#include "agent/poller.h"
#include "agent/watched_network.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"
#include "oci/agent_client.h"

namespace runward {

// The containers whose network the agent watches. Does nothing, and costs nothing, while they are
// quiet.
class Networks {
 public:
  Networks(const Networks&) = delete;
  Networks& operator=(const Networks&) = delete;
  ~Networks();
  static Result<std::unique_ptr<Networks>> Make(const Paths& paths);

  // Readable when Handle has something to do.
  [[nodiscard]] int fd() const { return poller_.fd(); }
  void Handle();
  // Whether the agent holds the container by its control group, or at its cables. When it cannot,
  // the Error says why, and the container is forgotten.
  Result<Holding> HoldingOf(const std::string& key);
  [[nodiscard]] size_t size() const { return containers_.size(); }

  // oci/agent_client.h has what they mean.
  Result<AgentDns> Register(const std::string& key, pid_t pid);
  Result<void> Refresh(const std::string& key);
  // Takes the container in first when it is not known yet.
  Result<DeniedConnections> Apply(const std::string& key, pid_t pid);
  // Those that still live, whether an earlier agent had taken them in or they were started without
  // one; one that cannot be taken in is logged.
  void Restore();

 private:
  Networks(const Paths& paths, Poller poller, UniqueFd timer);
  // Whether there are rules of groups whose containers are not here any more.
  [[nodiscard]] bool GroupsLeft() const;
  [[nodiscard]] std::string NoteOf(const std::string& key) const;
  Result<AgentDns> Take(const std::string& key, const NetworkNote& note);
  Result<std::unique_ptr<WatchedNetwork>> Open(const std::string& key, const NetworkNote& note);
  Result<void> WriteNote(const std::string& key, const NetworkNote& note) const;
  void TakeAgain(const std::string& key, const NetworkNote& note);
  // Of those with network rules that this agent does not know.
  void TakeStarted();
  void Forget(const std::string& key);
  void Tick();
  void ArmTimer();

  const Paths& paths_;
  Poller poller_;
  UniqueFd timer_;
  bool armed_ = false;
  HostResolver host_;
  std::map<std::string, std::unique_ptr<WatchedNetwork>> containers_;  // by key
  size_t groups_ = 0;  // that have rules of ours, as last looked
  std::unique_ptr<PeerWatch> peers_;
};

}  // namespace runward
