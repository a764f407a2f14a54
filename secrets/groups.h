#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/secret_rule.h"
#include "secrets/atomic_files.h"

namespace runward {

// The files of one directory of a container.
struct SecretGroup {
  std::string directory;
  std::vector<SecretFile> files;
};

// What values of these sizes take on a tmpfs, by pages; an Error when that is more than it holds.
Result<size_t> SizeTogether(const std::vector<size_t>& sizes);

// `values`, those of `rules` in their order, by directory; the files' owners as the caller's user
// namespace has them. The views stay the caller's. An Error when they are too large together, or
// an owner is none of the container's.
Result<std::vector<SecretGroup>> GroupSecrets(pid_t pid, const std::vector<SecretRule>& rules,
                                              const std::vector<std::string_view>& values);

}  // namespace runward
