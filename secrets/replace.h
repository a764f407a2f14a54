#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "policy/secret_rule.h"

namespace runward {

enum class Replaced {
  kUnchanged,  // the container has these values already
  kChanged,
  kGone,  // it has ended
};

// Gives the running container of the record `key` the values of its rules, in their order. Readers
// see the old files or the new ones (secrets/atomic_files.h); afterwards its first process gets the
// signals of rules whose files changed, each signal once. An Error leaves a directory's files as
// they were, and the command's output says which container.
Result<Replaced> ReplaceSecrets(const Paths& paths, const std::string& key,
                                const std::vector<SecretRule>& rules,
                                const std::vector<std::string_view>& values);

}  // namespace runward
