#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace runward {

enum class KeyAlgorithm { kEd25519, kEcdsaP256 };

// A public key out of a PEM SubjectPublicKeyInfo (RFC 8410, RFC 5480). Parsed by its fixed DER
// prefix, so that an Ed25519 key costs no OpenSSL.
struct PublicKey {
  KeyAlgorithm algorithm = KeyAlgorithm::kEd25519;
  std::string bytes;  // 32 raw bytes, or the 65-byte uncompressed point
};
Result<PublicKey> ParsePublicKeyPem(std::string_view pem);

// "SHA256:" and the unpadded base64 of the SHA-256 of the key in SSH's wire form (RFC 4253, 5656,
// 8709): what our signer and go-securesystemslib write as an envelope's keyid.
std::string KeyFingerprint(const PublicKey& key);

// A key of the policy's `trust`, and what it may vouch for.
struct TrustedKey {
  std::string name;
  PublicKey key;
  std::vector<std::string> images;  // globs over a verdict's resourceUri; empty: none
  std::string verifier;             // the only verifier.id it may speak for; empty: any
  std::optional<Time> not_before;   // window for timeVerified, both inclusive
  std::optional<Time> not_after;
};

// Whether `signature` over `message` is the key's: Ed25519 by libsodium; P-256 with SHA-256 by
// OpenSSL, DER first and then raw r||s, as Sigstore's verifier does.
bool VerifySignature(const PublicKey& key, std::string_view message, std::string_view signature);

}  // namespace runward
