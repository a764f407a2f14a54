#pragma once

#include <functional>
#include <optional>

#include "base/result.h"
#include "vault/entry.h"
#include "vault/vault_file.h"

namespace runward {

// What the index says of a name; reads one node a level.
Result<std::optional<Entry>> FindEntry(const VaultFile& file, const EntryName& name);

// Every entry, in no order that means anything. Stops at the first Error of `visit`.
using EntryVisit = std::function<Result<void>(const Entry&)>;
Result<void> EachEntry(const VaultFile& file, const EntryVisit& visit);

}  // namespace runward
