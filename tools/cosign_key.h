#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace runward {

// Whether the PEM text is a private key as cosign keeps them: "ENCRYPTED SIGSTORE PRIVATE KEY", or
// "ENCRYPTED COSIGN PRIVATE KEY" of its first version.
bool IsCosignKey(std::string_view pem);

// The PKCS#8 DER inside (securesystemslib/encrypted: JSON with scrypt's parameters and salt, and a
// NaCl secretbox). Costs what the file asks for: 64 MiB of memory with cosign's parameters, and at
// most kMaxScryptBytes. Empty passphrases are real. The caller wipes what it gets.
inline constexpr size_t kMaxScryptBytes = size_t{256} << 20;
Result<std::string> DecryptCosignKey(std::string_view pem, std::string_view passphrase);

}  // namespace runward
