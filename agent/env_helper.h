#pragma once

#include <sys/types.h>

#include <optional>

#include "oci/record.h"
#include "policy/command_rule.h"

namespace runward {

// runward-env as a container sees it: a file of the host's, which the shim has mounted there to be
// executed first.
struct EnvHelper {
  dev_t device = 0;  // as stat(2) has it
  ino_t inode = 0;
};

// Of a container whose record gives it secrets as variables, and whose /.runward-env is the file
// beside this program; nullopt for any other. `root` (O_PATH) is its root.
std::optional<EnvHelper> EnvHelperOf(const Record& record, int root);

// What of a rule is about the helper. It may be executed though no list names it and it is not the
// image's: what it executes is judged for itself. An exec from outside may not, unless the rules
// list it, as it would be a way around them.
CommandRule RuleForHelper(CommandRule rule);

}  // namespace runward
