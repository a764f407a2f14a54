#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/secret_rule.h"
#include "secrets/atomic_files.h"
#include "secrets/place.h"

namespace runward {

// The files of one directory of a container.
struct SecretGroup {
  std::string directory;
  std::vector<SecretFile> files;
};

// What values of these sizes take on a tmpfs, by pages; an Error when that is more than it holds.
Result<size_t> SizeTogether(const std::vector<size_t>& sizes);

// `values`, those of `rules` in their order, by directory; the files' owners by `maps`, which are
// the container's. The views stay the caller's. An Error when they are too large together, or an
// owner is none of the container's.
Result<std::vector<SecretGroup>> GroupSecrets(const IdMaps& maps,
                                              const std::vector<SecretRule>& rules,
                                              const std::vector<std::string_view>& values);

}  // namespace runward
