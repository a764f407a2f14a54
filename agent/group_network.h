#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/poller.h"
#include "agent/proof_process.h"
#include "agent/rule_events.h"
#include "agent/rule_set.h"
#include "agent/watched_network.h"

namespace runward {

// A container on the host's network, which its control group holds to its rules.
class GroupNetwork : public WatchedNetwork {
 public:
  // The container of the record, whose first process is `note`'s. Its rules hold, or nothing passes
  // while that is being found out (holding), when this returns; or an Error says why they cannot.
  // Those that an earlier agent had proved for the same start are gone on with.
  static Result<std::unique_ptr<GroupNetwork>> Open(const Paths& paths, std::string key,
                                                    const NetworkNote& note, Poller& poller);
  ~GroupNetwork() override;

  [[nodiscard]] bool by_group() const override { return true; }
  [[nodiscard]] Result<Holding> holding() override;
  // Its rules hold as long as its group, in which some of it may live on.
  void End() override {}
  Result<DeniedConnections> Apply() override;

 private:
  GroupNetwork(const Paths& paths, std::string key, const NetworkNote& note, Poller& poller)
      : WatchedNetwork(paths, std::move(key), note), poller_(poller), restored_(note.start != 0) {}

  [[nodiscard]] Result<WantedRules> Wanted(const NetworkRule& rule) const;
  Result<void> Hold();
  Result<void> Prove(const std::string& group);
  void Proved(Result<void> found);
  Result<void> Watch();
  Result<void> OpenEvents();
  Result<void> Change(const WantedRules& wanted);
  [[nodiscard]] DeniedTotals Counted() const override;
  void ReadLogged() override;

  Poller& poller_;
  bool restored_;    // it was there before this agent
  std::string dir_;  // where its rules are pinned
  RuleMaps rules_;
  std::unique_ptr<RuleEvents> events_;
  std::unique_ptr<ProofProcess> proof_;
  std::optional<Error> failed_;
};

// Rules of groups that are gone go. How many folders stay.
size_t SweepGroupRules(const Paths& paths);

}  // namespace runward
