#pragma once

#include <optional>
#include <string>

#include "agent/bpf/host_shared.h"
#include "agent/denied_account.h"
#include "agent/rule_maps.h"
#include "base/result.h"
#include "netfilter/cgroup_plan.h"

namespace runward {

// The network rules of one container as programs at its control group (agent/bpf/
// host_network.bpf.c), pinned in a folder of a BPF filesystem: they hold until the group is gone,
// or the folder, whether an agent lives or not.
class GroupRules {
 public:
  // Makes the folder and attaches to the group, an open directory of the unified hierarchy. Nothing
  // passes until SetState, but in audit mode, where nothing is denied from the start. On an error
  // the folder is gone again.
  static Result<GroupRules> Attach(const std::string& dir, int group, const CgroupPlan& plan,
                                   bool audit);
  // Those that hold already; nullopt for what is not wholly there, or was not proved. An Error says
  // nothing of whether they hold.
  static Result<std::optional<GroupRules>> Open(const std::string& dir);

  Result<void> SetState(rw_host_state state) const { return maps_.SetState(state); }
  [[nodiscard]] DeniedTotals Denied() const { return maps_.Denied(); }
  // Forgets what the proof left, before rules hold.
  void ForgetDenied() const { maps_.ForgetDenied(); }
  [[nodiscard]] int events() const { return maps_.events(); }

 private:
  static Result<GroupRules> OpenMaps(const std::string& dir);
  RuleMaps maps_;
};

// Whether the group of the folder's programs is gone, so that they hold nothing. False where that
// cannot be told.
bool HoldsNothing(const std::string& dir);
void RemoveGroupRules(const std::string& dir);

}  // namespace runward
