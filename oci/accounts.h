#pragma once

#include <string>

#include "policy/command_rule.h"
#include "policy/run_rule.h"

namespace runward {

// Gives the names in the rule's users and groups the numbers that the image's own /etc/passwd and
// /etc/group give them. The files are opened beneath `rootfs` (openat2 with RESOLVE_IN_ROOT), so
// that a symlink of the image leads nowhere else, and read up to 1 MiB; what is not there or no
// regular file gives no numbers, and a name without number permits nobody.
// What this does not protect: the files are the container's, and a container that ran before may
// have changed them. So a name other than "root" never stands for number 0.
void ResolveAccounts(const std::string& rootfs, RunRule& rule);
void ResolveAccounts(const std::string& rootfs, CommandRule& rule);

}  // namespace runward
