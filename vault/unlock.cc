#include "vault/unlock.h"

#include <algorithm>

#include "vault/key_file.h"
#include "vault/vault_file.h"

namespace runward {
namespace {

std::string Kinds(const VaultHeader& header) {
  std::string kinds;
  for (const KeySlot& slot : header.slots) {
    if (slot.kind == SlotKind::kEmpty) continue;
    kinds += (kinds.empty() ? "" : ", ") + std::string(SlotKindName(slot.kind));
    if (!slot.label.empty()) kinds += " \"" + slot.label + "\"";
  }
  return kinds.empty() ? "no slot at all" : kinds;
}

Error NoSlot(const std::string& vault, const VaultHeader& header, SlotKind kind) {
  return {"the vault \"" + vault + "\" has no " + std::string(SlotKindName(kind)) + " slot",
          "it is unlocked by: " + Kinds(header)};
}

// The first slot of the kind that the secret opens.
Result<MasterKey> TrySlots(const std::string& vault, const VaultHeader& header, SlotKind kind,
                           std::string_view secret, const Error& refused) {
  if (CountSlots(header, kind) == 0) return NoSlot(vault, header, kind);
  for (const KeySlot& slot : header.slots) {
    if (slot.kind != kind) continue;
    Result<MasterKey> key = UnwrapKey(slot, secret, header.Preamble());
    if (key.ok()) return key;
    if (!key.error().hint.empty()) return key;  // not even tried: no memory
  }
  return refused;
}

}  // namespace

size_t CountSlots(const VaultHeader& header, SlotKind kind) {
  return static_cast<size_t>(std::ranges::count(header.slots, kind, &KeySlot::kind));
}

Result<MasterKey> UnlockWithPassphrase(const std::string& vault, std::string_view passphrase) {
  const VaultHeader header = TRY(ReadHeader(vault));
  return TrySlots(vault, header, SlotKind::kPassphrase, passphrase,
                  {"the passphrase does not open the vault \"" + vault + "\"",
                   "type it again; it is unlocked by: " + Kinds(header)});
}

Result<MasterKey> UnlockWithKeyFile(const std::string& vault, const std::string& key_file) {
  const VaultHeader header = TRY(ReadHeader(vault));
  if (CountSlots(header, SlotKind::kKeyFile) == 0) {
    return NoSlot(vault, header, SlotKind::kKeyFile);
  }
  const LockedBytes secret = TRY(ReadKeyFile(key_file));
  return TrySlots(vault, header, SlotKind::kKeyFile, secret.view(),
                  {"the key file \"" + key_file + "\" does not open the vault \"" + vault + "\"",
                   "name the right one with --key-file; it is unlocked by: " + Kinds(header)});
}

Result<MasterKey> UnlockWithCredential(const std::string& vault, const std::string& directory) {
  const VaultHeader header = TRY(ReadHeader(vault));
  Error last = NoSlot(vault, header, SlotKind::kCredential);
  for (const KeySlot& slot : header.slots) {
    if (slot.kind != SlotKind::kCredential) continue;
    const Result<LockedBytes> secret = ReadCredential(directory, slot.label);
    if (!secret.ok()) {
      last = secret.error();
      continue;
    }
    Result<MasterKey> key = UnwrapKey(slot, secret.value().view(), header.Preamble());
    if (key.ok()) return key;
    last = {"the credential \"" + slot.label + "\" does not open the vault \"" + vault + "\"",
            "it is unlocked by: " + Kinds(header)};
  }
  return last;
}

}  // namespace runward
