#pragma once

#include <string>

#include "agent/command_log.h"
#include "agent/registry.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// The containers under the agent's eyes: takes them in, answers what is asked about them, and lets
// go of those that have ended. What it has taken in lies in RUN/agent/<key> as well, so that the
// agent that comes after this one finds it.
class Enforcer {
 public:
  // `group` (agent/fanotify_group.h) may have watched for an earlier agent, and stays the caller's.
  Enforcer(Paths paths, int group);

  // How commands are enforced (oci/agent_client.h).
  [[nodiscard]] static std::string tier();
  [[nodiscard]] const Registry& registry() const { return registry_; }

  // The container of the record `key`, whose first process is `pid`. An Error, for the person at
  // `docker run`, when its rules could not be enforced in full.
  Result<const Watched*> Register(const std::string& key, pid_t pid);
  // Those that an earlier agent had taken in and that still live. Returns how many could not be
  // taken in again; each is logged.
  size_t Restore();
  // Answers all that is asked at the moment.
  Result<void> Answer();
  void Forget(const std::string& key);
  // To be called about once a second.
  void Tick();

 private:
  [[nodiscard]] std::string NoteOf(const std::string& key) const;
  Result<void> WatchMount(const Watched& container, const ContainerMount& one, int root) const;
  Result<void> WatchAll(const Watched& container) const;
  Result<void> Note(const Watched& container) const;
  void LogLost(const std::string& key, const Error& error);

  Paths paths_;
  int group_;
  Registry registry_;
  CommandLog log_;
};

}  // namespace runward
