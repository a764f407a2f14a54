#pragma once

#include <cstdint>
#include <vector>

#include "agent/bpf/shared.h"
#include "agent/kernel_rules.h"
#include "base/result.h"

namespace runward {

// A container's rules as the maps have them: keys and values in the same order, each key once.
struct KernelEntries {
  rw_container container = {};
  std::vector<rw_file_key> file_keys;
  std::vector<rw_file_rule> file_rules;
  std::vector<rw_name_key> name_keys;
  std::vector<rw_name_rule> name_rules;
  std::vector<rw_argument_key> argument_keys;  // the values say nothing
};

// A device as the kernel numbers it within: major << 20 | minor.
uint32_t KernelDevice(uint64_t device);

// `set` marks the entries as this container's. Of rules about one file the flags are joined, and
// the rule that denies is the one given back; of two about one name the denying one stays. An error
// for a name that is empty, has a slash or is longer than 63 bytes: it could match nothing; and for
// two rules about the arguments of one file or name. `set` is even.
Result<KernelEntries> MakeKernelEntries(uint64_t number, uint64_t set, const KernelRules& rules);

}  // namespace runward
