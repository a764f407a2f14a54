#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "vault/header.h"
#include "vault/key_slot.h"
#include "vault/master_key.h"

namespace runward {

// A header of a new vault with these slots, at least one and at most VaultHeader::kSlots.
Result<VaultHeader> NewHeader(const MasterKey& key, const std::vector<SlotSecret>& slots, Time now);

// A new, empty vault. Never overwrites; leaves nothing behind on failure. Its key, open.
Result<MasterKey> CreateVault(const std::string& path, const std::vector<SlotSecret>& slots,
                              Time now);

}  // namespace runward
