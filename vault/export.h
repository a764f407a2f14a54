#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "vault/key_slot.h"
#include "vault/vault.h"

namespace runward {

// A new vault at `path` with the same names, versions, labels and values, under a master key of its
// own: for another machine, or after somebody who knew the old key is to know no more. What was
// destroyed is not in it. Never overwrites; leaves nothing behind on failure.
Result<void> ExportVault(const Vault& from, const std::string& path,
                         const std::vector<SlotSecret>& slots, Time now);

// A copy, byte for byte, of what counts, under the same key. (Copying the file with cp(1) is as
// good: what a reader sees is whole at any time.)
Result<void> BackUpVault(const Vault& from, const std::string& path);

}  // namespace runward
