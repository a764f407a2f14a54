#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "policy/secret_rule.h"
#include "secrets/values.h"

namespace runward {

// Places what `request` asked for, the values of `rules`, in the container of the record `key`,
// whose first process `pid` does not yet execute its command: at its createRuntime hook. All are
// there afterwards, or none. See secrets/tmpfs.h and secrets/place.h for where and how.
//
// What it does not protect: the process, and whoever may read its files (root in the container,
// `exec` as the same user, the host's root), reads them; so does whoever may start the image with
// another command.
Result<void> SupplySecrets(const Paths& paths, const std::string& key, const Record& record,
                           pid_t pid, const std::vector<SecretRule>& rules, SecretRequest& request);

}  // namespace runward
