#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "agent/open_flows.h"
#include "agent/poller.h"
#include "agent/rule_events.h"
#include "agent/veth_rules.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"
#include "netfilter/cables.h"
#include "netfilter/net_namespace.h"
#include "policy/network_rule.h"

namespace runward {

// One container whose packets are held to its rules at the host's end of its cables
// ("capabilities": "veth"). Its end, or the agent's, changes nothing of that.
class CableHold {
 public:
  struct For {
    std::string key;
    uint64_t start = 0;  // of its first process, as StartTimeOf has it
    const NetworkRule& rule;
    bool audit = false;
    bool runs = false;  // it was there before this agent
  };
  struct Calls {
    RuleEvents::Visitor seen;
    // What became of an interface that came later; false: it is not held.
    std::function<void(std::string, bool)> came;
  };

  // Rules hold when this returns, or an Error says why they cannot; what an earlier agent had made
  // hold is gone on with, and brought to these rules, also where the process is in another network
  // now. In the calling thread's network namespace, which must be the host's.
  static Result<std::unique_ptr<CableHold>> Open(const Paths& paths, const For& container,
                                                 const NetNamespace& space, Poller& poller,
                                                 Calls calls);
  CableHold(const CableHold&) = delete;
  CableHold& operator=(const CableHold&) = delete;
  ~CableHold();

  // Brings it to other rules: each packet meets the old ones or the new ones, and never none.
  // Conversations go on, and counters begin anew. On an Error the old ones hold.
  Result<void> Change(const For& container);
  // As CutFlows (agent/open_flows.h).
  Result<DeniedConnections> Cut(bool cut) const { return CutFlows(rules_.maps(), cut); }

  // Reads what is told, for Calls::seen.
  void Read() {
    if (told_) told_->Read();
  }
  [[nodiscard]] DeniedTotals Denied() const { return rules_.maps().Denied(); }
  // Whether all that leads out of its network is held now, after another look.
  bool HoldsAll() { return space_ && LookAgain() && !has_others_; }
  // The container has ended: nothing more will come.
  void End();

 private:
  CableHold(Poller& poller, Calls calls) : poller_(poller), calls_(std::move(calls)) {}
  Result<void> Begin(const Paths& paths, const For& container, const NetNamespace& space);
  Result<void> GoOn(const WantedRules& wanted);
  Result<void> Hold(const For& container, const WantedRules& wanted, const NetNamespace& space);
  Result<void> HoldCables(const For& container, const NetNamespace& space, const Cables& cables);
  Result<void> Follow(const NetNamespace& space);
  Result<void> Listen();
  void ReadLinks();
  void Look();
  void LookIn(int64_t milliseconds);
  // Whether its cables are held. What else there is is told of.
  bool LookAgain();
  bool TakeCable(const Cable& cable);

  Poller& poller_;
  Calls calls_;
  std::string dir_;
  std::string set_;  // in force, of those in the folder
  VethRules rules_;
  std::unique_ptr<RuleEvents> told_;
  std::optional<NetNamespace> space_;
  std::optional<int32_t> number_;  // what the host's network calls it
  UniqueFd timer_;                 // for a look that was put off, or has to be tried again
  int64_t free_at_ = 0;            // when the next may be, in milliseconds
  UniqueFd links_;                 // an rtnetlink socket of the host's network
  std::set<int> told_cables_;      // interfaces of the host's
  std::set<int> told_others_;      // and of the container's
  bool has_others_ = false;        // at the last look
};

// What is kept for containers that are not among these goes.
void SweepCableHolds(const Paths& paths, const std::function<bool(const std::string&)>& lives);

}  // namespace runward
