#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace runward {

// A file as it is to be; numbers as the caller's user namespace has them.
struct SecretFile {
  std::string name;
  std::string_view bytes;
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0400;
};

// Replaces the files of a directory all at once, in the layout that readers of Kubernetes' volumes
// know:
//
//   NAME -> ..data/NAME     ..data -> ..1774500000.123456789     ..1774500000.123456789/NAME
//
// Who opens NAME has the old content or the new one; who wants several that belong together opens
// ..data once and reads there. Readers that hold an old file open keep it. An Error leaves the old
// files as they were, and nothing of the new ones. Names that are not given stay as they are.
Result<void> ReplaceFiles(int directory, const std::vector<SecretFile>& files);

// Whether the directory shows exactly these files with these contents.
bool SameFiles(int directory, const std::vector<SecretFile>& files);

}  // namespace runward
