#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "agent/rule_maps.h"
#include "base/result.h"
#include "netfilter/cgroup_plan.h"

namespace runward {

// What a container's rules are to be, and whose.
struct WantedRules {
  // The container's start, as no other is called: its first process, and when that began.
  std::string start;
  CgroupPlan plan;
  bool audit = false;
};

// A set of rules: programs and the maps that they go by, pinned in a folder of a BPF filesystem. It
// holds nothing until something calls the programs, and then all the same when the folder is gone.

// What a set is called: another start's, or other rules, never go by the same name.
std::string SetName(const WantedRules& wanted);
// Whether the set of that name was made for the start.
bool IsSetOf(const std::string& name, const std::string& start);

// Makes the folder, with the ELF file's programs by their names. In audit mode nothing is denied,
// whatever the state. The conversations of `before`, if there is any, go on. On an error the folder
// is gone again.
Result<RuleMaps> MakeRuleSet(const std::string& folder, std::span<const std::byte> file,
                             const WantedRules& wanted, rw_host_state state,
                             const RuleMaps* before);

}  // namespace runward
