#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/image_files.h"
#include "policy/command_rule.h"

namespace runward {

// The files that a rule's commands name in a container now, so that a link, a rename or another
// name of one of them is that command all the same. Inodes are of the root's filesystem.
struct CommandFiles {
  std::map<uint64_t, std::vector<std::string>> names;  // inode: paths
  // st_dev of these, which an overlay may have several of. A filesystem that the container can
  // write has whatever inodes it likes. None where an earlier agent did not note them.
  std::vector<uint64_t> devices;
  std::vector<std::string> denied;    // paths of files that nobody may execute
  std::vector<uint64_t> multi_calls;  // programs of many applets
  std::vector<uint64_t> loaders;      // what dynamic programs are started by
  // Directories whose files are no drift. These inodes are of whatever filesystem they are on.
  std::map<std::string, uint64_t> excepted;
};

// `root` (O_PATH) is the container's root directory. Names are looked for in the usual directories
// of programs. A link to a program of many applets (busybox) does not stand for all of it: what it
// is called by tells. With `image`, what the container changed before it was started again counts
// for less: a link that it made leads to nothing that is allowed, and what the image has at a place
// stays the command that is denied there.
CommandFiles FindCommandFiles(int root, const CommandRule& rule, const ImageFiles* image = nullptr);

// The paths by which the rule names the file that is this; nullptr for none.
const std::vector<std::string>* NamesOf(const CommandFiles& files, const struct stat& info);

// Whether it lies on none of the filesystems that the files were found on.
bool LiesElsewhere(const CommandFiles& files, const struct stat& info);

// CommandFiles::denied, of files with these names.
std::vector<std::string> DeniedFiles(const CommandRule& rule,
                                     const std::map<uint64_t, std::vector<std::string>>& names);

// Whether the base name is that of a program that does what it is called by.
bool IsMultiCall(std::string_view name);

}  // namespace runward
