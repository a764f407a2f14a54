#pragma once

#include <string>

#include "base/result.h"
#include "vault/locked_bytes.h"

namespace runward {

// A key file is a line of text, "runward-vault-key:" and 32 random bytes in base64. A systemd
// credential has the same content.
inline constexpr size_t kKeyFileSecretBytes = 32;

// Makes one, mode 0400; never overwrites. The key that is in it.
Result<LockedBytes> CreateKeyFile(const std::string& path);
// Refuses one that others may read or write.
Result<LockedBytes> ReadKeyFile(const std::string& path);
// $CREDENTIALS_DIRECTORY/NAME: systemd made it readable for the service alone.
Result<LockedBytes> ReadCredential(const std::string& directory, const std::string& name);

// The text of a key file and back; `name` is for messages.
Result<LockedBytes> FormatKeyFile(const LockedBytes& key);
Result<LockedBytes> ParseKeyFile(const LockedBytes& text, const std::string& name);

}  // namespace runward
