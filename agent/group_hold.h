#pragma once

#include <string>

#include "agent/rule_set.h"
#include "base/result.h"

namespace runward {

// Rules at a container's control group: which set of them holds (agent/group_links.h). Who is
// killed at whatever place leaves the old set, the new one, or each in one direction.

struct GroupHold {
  RuleMaps rules;
  bool proved = false;   // or in audit mode, where nothing is denied
  bool went_on = false;  // with the set that was there: its counters go on
};

// Has the wanted rules hold the group, an open directory of the unified hierarchy; `dir` is made
// where it is not there. What the same start had proved stays proved, whatever its rules were.
// Another start's are never gone on with, nor its conversations: the group is closed then, until
// the rules are proved. On an error it stays as it was, or closed.
Result<GroupHold> HoldGroup(const std::string& dir, int group, const WantedRules& wanted);

// Puts other rules of the same start in the place of those that hold; open conversations go on. An
// Error leaves the old ones.
Result<RuleMaps> ChangeGroup(const std::string& dir, const WantedRules& wanted);

}  // namespace runward
