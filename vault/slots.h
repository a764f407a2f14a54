#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "vault/key_slot.h"
#include "vault/master_key.h"

namespace runward {

// Another way to the same key. The number of the new slot, from 0. The file is written anew, its
// body copied as it is.
Result<size_t> AddSlot(const std::string& path, const MasterKey& key, const SlotSecret& secret,
                       Time now);
// Refuses to remove the last one. Whoever kept an older copy of the file, or the master key, is not
// shut out by this: for that, export into a new vault.
Result<void> RemoveSlot(const std::string& path, const MasterKey& key, size_t slot, Time now);

}  // namespace runward
