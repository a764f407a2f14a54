#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/command_judge.h"
#include "agent/command_log.h"
#include "agent/container_note.h"
#include "agent/fanotify_group.h"
#include "agent/kernel_commands.h"
#include "agent/learner.h"
#include "agent/looks.h"
#include "agent/notified_calls.h"
#include "agent/registry.h"
#include "agent/told_tries.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// The containers under the agent's eyes: takes them in, answers what is asked about them, and lets
// go of those that have ended. What it has taken in lies in RUN/agent/<key> as well, so that the
// agent that comes after this one finds it.
class Enforcer {
 public:
  // `group` (agent/fanotify_group.h) may have watched for an earlier agent, and stays the caller's;
  // -1 where fanotify does not prove itself.
  // `looks` stays the caller's; what an earlier worker was held up by is there.
  Enforcer(Paths paths, int group, Looks& looks);

  // Loads the kernel's programs, the best that prove themselves; where none does, fanotify decides
  // alone, or seccomp notification. Takes some tens of milliseconds.
  void LoadKernel();

  // Says why another tier is not the one.
  void PassOver(const std::string& why);

  // How commands are enforced (oci/agent_client.h), and why not better.
  [[nodiscard]] const std::string& tier() const { return tier_; }
  [[nodiscard]] const std::string& passed_over() const { return passed_over_; }
  [[nodiscard]] const Registry& registry() const { return registry_; }

  // The container of the record `key`, whose first process is `pid`, and whose configuration was
  // made for the tier `prepared`. An Error, for the person at `docker run`, when its rules could
  // not be enforced in full.
  Result<const Watched*> Register(const std::string& key, pid_t pid, const std::string& prepared);
  // Those that an earlier agent had taken in and that still live. Where one cannot be taken in
  // again nothing is executed in it, and that is logged.
  void Restore();
  // Answers all that is asked at the moment.
  Result<void> Answer();
  // What becomes of a call that a container's seccomp profile asks about.
  CallRuling Rule(const CallOrigin& origin, const NotifiedCall& call,
                  const std::function<bool()>& waits);
  // Readable when TellKernelEvents has something to do; -1 where no program is loaded.
  [[nodiscard]] int kernel_fd() const { return kernel_ ? kernel_->fd() : -1; }
  void TellKernelEvents();
  void Forget(const std::string& key);
  // To be called about once a second.
  void Tick();

 private:
  Result<void> Note(const Watched& container) const;
  Result<void> TakeAgain(const std::string& key, const ContainerNote& note, const Marked& known);
  void Shut(const std::string& key, const ContainerNote& note, const Error& why);
  Result<void> Enforce(Watched& container, const Marked* known);
  Result<void> RegisterInKernel(const Watched& container, const KernelRules& rules);
  bool Allow(const OpenTry& what);
  bool AllowHeld(const Watched& container, OpenTry what);
  void Tell(const JudgedTry& judged, const OpenTry& what);
  bool ToldBefore(const Watched& container, const KernelEvent& event);
  void Learn(const Watched& container, const LearnedCommand& command);
  void TellLost();

  Paths paths_;
  int group_;
  Looks& looks_;
  std::optional<KernelCommands> kernel_;
  bool registered_ = false;  // a container, since the last Tick
  uint64_t lost_ = 0;        // of the kernel's events, of all containers
  std::string tier_;
  std::string passed_over_;
  Registry registry_;
  CommandLog log_;
  Learner learner_;
  ToldTries told_;
};

}  // namespace runward
