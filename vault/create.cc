#include "vault/create.h"

#include <sodium.h>

#include "base/file.h"
#include "vault/replacement.h"

namespace runward {

Result<VaultHeader> NewHeader(const MasterKey& key, const std::vector<SlotSecret>& slots,
                              Time now) {
  if (slots.empty() || slots.size() > VaultHeader::kSlots) {
    return Error{"a vault has 1 to 8 key slots", "give one: --passphrase or --key-file FILE"};
  }
  VaultHeader header{.created = static_cast<uint64_t>(now.ns)};
  randombytes_buf(header.vault.data(), header.vault.size());
  const std::string preamble = header.Preamble();
  for (size_t i = 0; i < slots.size(); ++i) {
    header.slots[i] = TRY(WrapKey(key, slots[i], preamble));
  }
  return header;
}

Result<MasterKey> CreateVault(const std::string& path, const std::vector<SlotSecret>& slots,
                              Time now) {
  if (!FileMissing(path)) {
    return Error{"create \"" + path + "\": it exists, and a vault is never overwritten",
                 "name another with --vault FILE, or move it away"};
  }
  MasterKey key = TRY(MasterKey::Generate());
  const VaultHeader header = TRY(NewHeader(key, slots, now));
  Replacement file = TRY(Replacement::Begin(path, Replacement::Over::kNothing));
  TRY(file.Finish(header, key, {.generation = 1, .time = header.created}));
  return key;
}

}  // namespace runward
