#pragma once

#include <compare>
#include <cstdint>
#include <map>

namespace runward {

// Which rule denied: FlowKey's (agent/flow_table.h).
struct DeniedPlace {
  bool ingress = false;
  int32_t rule = -1;
  auto operator<=>(const DeniedPlace&) const = default;
};
using DeniedTotals = std::map<DeniedPlace, uint64_t>;  // packets

// Denied packets of one container, three times over: as the kernel's rules count them, as the agent
// reads them of the log, and as events tell of them. The log may lack some: it is bounded, and
// nobody reads it while no agent runs. What it lacks is found by the rules' counters, once and
// exactly.
class DeniedAccount {
 public:
  // What events told of before this agent.
  explicit DeniedAccount(DeniedTotals told = {}) : told_(std::move(told)) {}

  // `counted` before the log was read: what of it no event has told of.
  DeniedTotals Begin(const DeniedTotals& counted);
  void Saw(const DeniedPlace& place, uint64_t packets);
  void Told(const DeniedPlace& place, uint64_t packets) { told_[place] += packets; }
  // What was counted when this was last called, and has not come by the log although it was read
  // since: packets wait in it for a tenth of a second. With `last`, all that has not come. It is
  // taken as seen.
  DeniedTotals Missing(const DeniedTotals& counted, bool last = false);
  // Other rules, which count from the beginning.
  void Restart();

  // Nothing came since the last Missing, which lacked nothing.
  [[nodiscard]] bool settled() const { return settled_; }
  [[nodiscard]] const DeniedTotals& told() const { return told_; }

 private:
  DeniedTotals told_;
  DeniedTotals seen_;
  DeniedTotals before_;  // as counted when Missing was last called
  bool settled_ = true;
};

}  // namespace runward
