#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "policy/secret_rule.h"

namespace runward {

// Places `values`, those of `rules` in their order, in the container of the record `key`, whose
// first process `pid` does not yet execute its command: at its createRuntime hook. All are there
// afterwards, or none. See secrets/tmpfs.h and secrets/place.h for where and how.
//
// What it does not protect: the process, and whoever may read its files (root in the container,
// `exec` as the same user, the host's root), reads them; so does whoever may start the image with
// another command.
Result<void> SupplySecrets(const Paths& paths, const std::string& key, const Record& record,
                           pid_t pid, const std::vector<SecretRule>& rules,
                           const std::vector<std::string_view>& values);

}  // namespace runward
