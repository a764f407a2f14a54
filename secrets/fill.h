#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/agent_client.h"
#include "policy/secret_rule.h"
#include "secrets/place.h"

namespace runward {

// A filesystem for each directory that the rules name, in the order in which they name them first,
// with the `values` of the rules as files (secrets/atomic_files.h) whose owners are by `maps`, the
// container's. Closed (secrets/tmpfs.h), and mounted nowhere: what is not attached goes with them.
Result<std::vector<HandedFilesystem>> FillFilesystems(const IdMaps& maps,
                                                      const std::vector<SecretRule>& rules,
                                                      const std::vector<std::string_view>& values);

// Notes them beside the record `key`, as those of the container whose first process is `pid`.
Result<void> NoteFilesystems(const Paths& paths, const std::string& key, pid_t pid,
                             const std::vector<HandedFilesystem>& filesystems);

}  // namespace runward
