#include "vault/slots.h"

#include <algorithm>
#include <utility>

#include "vault/compact.h"
#include "vault/vault_file.h"
#include "vault/write_lock.h"

namespace runward {
namespace {

Result<VaultFile> OpenLocked(const std::string& path, const MasterKey& key) {
  return VaultFile::From(TRY(LockForWriting(path)), path, key);
}

}  // namespace

Result<size_t> AddSlot(const std::string& path, const MasterKey& key, const SlotSecret& secret,
                       Time now) {
  const VaultFile file = TRY(OpenLocked(path, key));
  VaultHeader header = file.header();
  const auto free = std::ranges::find(header.slots, SlotKind::kEmpty, &KeySlot::kind);
  if (free == header.slots.end()) {
    return Error{"all 8 key slots of \"" + path + "\" are taken",
                 "remove one: runwardctl vault slot remove NUMBER"};
  }
  *free = TRY(WrapKey(key, secret, header.Preamble()));
  TRY(ReplaceHeader(file.fd(), path, key, header, now));
  return static_cast<size_t>(free - header.slots.begin());
}

Result<void> RemoveSlot(const std::string& path, const MasterKey& key, size_t slot, Time now) {
  const VaultFile file = TRY(OpenLocked(path, key));
  VaultHeader header = file.header();
  if (slot >= header.slots.size() || header.slots[slot].kind == SlotKind::kEmpty) {
    return Error{"the vault \"" + path + "\" has no key slot " + std::to_string(slot),
                 "runwardctl vault slot list shows them"};
  }
  const auto empty = std::ranges::count(header.slots, SlotKind::kEmpty, &KeySlot::kind);
  if (static_cast<size_t>(empty) + 1 == header.slots.size()) {
    return Error{"this is the last key slot: without it nobody could open \"" + path + "\"",
                 "add another first: runwardctl vault slot add"};
  }
  header.slots[slot] = KeySlot{};
  TRY(ReplaceHeader(file.fd(), path, key, header, now));
  return {};
}

}  // namespace runward
