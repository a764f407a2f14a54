#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policy/command_rule.h"

namespace runward {

// The files that a rule's commands name in a container now, so that a link, a rename or another
// name of one of them is that command all the same.
struct CommandFiles {
  std::map<uint64_t, std::vector<std::string>> names;  // inode of the root's filesystem: paths
  std::vector<std::string> denied;                     // paths of files that nobody may execute
};

// `root` (O_PATH) is the container's root directory. Names are looked for in the usual directories
// of programs. A link to a program of many applets (busybox) does not stand for all of it: what it
// is called by tells.
CommandFiles FindCommandFiles(int root, const CommandRule& rule);

// Whether the base name is that of a program that does what it is called by.
bool IsMultiCall(std::string_view name);

}  // namespace runward
