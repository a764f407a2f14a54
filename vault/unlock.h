#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "vault/header.h"
#include "vault/master_key.h"

namespace runward {

// The vault's key by one of its slots, proven against the header. Errors say what the vault can be
// unlocked by, and with which command.

// The passphrase is the caller's to keep in locked memory. Costs what the slot's Argon2id says.
Result<MasterKey> UnlockWithPassphrase(const std::string& vault, std::string_view passphrase);
Result<MasterKey> UnlockWithKeyFile(const std::string& vault, const std::string& key_file);
// `directory` is $CREDENTIALS_DIRECTORY; each credential slot's label is the file's name there.
Result<MasterKey> UnlockWithCredential(const std::string& vault, const std::string& directory);

// "runward-vault-key": what a credential is called unless a slot says otherwise.
inline constexpr std::string_view kDefaultCredential = "runward-vault-key";

// How many slots are of that kind.
size_t CountSlots(const VaultHeader& header, SlotKind kind);

}  // namespace runward
