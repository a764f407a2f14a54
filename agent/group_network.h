#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/group_rules.h"
#include "agent/poller.h"
#include "agent/rule_events.h"
#include "agent/watched_network.h"

namespace runward {

// A container on the host's network, which its control group holds to its rules.
class GroupNetwork : public WatchedNetwork {
 public:
  // The container of the record, whose first process is `note`'s. Its rules hold when this returns,
  // or an Error says why they cannot; those that an earlier agent had proved are gone on with.
  static Result<std::unique_ptr<GroupNetwork>> Open(const Paths& paths, std::string key,
                                                    const NetworkNote& note, Poller& poller);
  ~GroupNetwork() override;

  [[nodiscard]] bool by_group() const override { return true; }
  // Its rules hold as long as its group, in which some of it may live on.
  void End() override {}
  Result<DeniedConnections> Apply() override;

 private:
  GroupNetwork(const Paths& paths, std::string key, const NetworkNote& note, Poller& poller)
      : WatchedNetwork(paths, std::move(key), note), poller_(poller) {}

  Result<void> Hold();
  Result<void> OpenReader();
  [[nodiscard]] DeniedTotals Counted() const override { return rules_.Denied(); }
  void ReadLogged() override { told_->Read(); }

  Poller& poller_;
  GroupRules rules_;
  std::unique_ptr<RuleEvents> told_;
};

// Rules of groups that are gone go. How many folders stay.
size_t SweepGroupRules(const Paths& paths);

}  // namespace runward
