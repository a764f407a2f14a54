#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/trust.h"
#include "tools/ecdsa_key.h"

namespace runward {

// A private key: Ed25519 as PEM PKCS#8 (RFC 8410), which `openssl genpkey -algorithm ed25519`
// writes and reads too; or ECDSA on P-256, as cosign keeps its keys (tools/cosign_key.h). Wiped
// from memory when it goes; it is not kept from a swap file.
class SigningKey {
 public:
  static SigningKey Generate();  // Ed25519
  // An encrypted key, or one of another kind, is refused with a word on how to convert it.
  static Result<SigningKey> Parse(std::string_view pem);
  static Result<SigningKey> ParseCosign(std::string_view pem, std::string_view passphrase);
  // From a file that only its owner can read or write, and so every directory above. The passphrase
  // of cosign's key is COSIGN_PASSWORD, or asked for at the terminal.
  static Result<SigningKey> ReadFile(const std::string& path);

  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&&) = delete;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
  ~SigningKey();

  [[nodiscard]] KeyAlgorithm algorithm() const;
  [[nodiscard]] std::string PrivatePem() const;    // Ed25519's alone
  [[nodiscard]] std::string PublicPem() const;     // Ed25519's alone
  [[nodiscard]] std::string public_bytes() const;  // as PublicKey has them
  // 64 bytes, pure Ed25519; or ECDSA over SHA-256, in DER.
  [[nodiscard]] std::string Sign(std::string_view text) const;

 private:
  explicit SigningKey(std::string_view seed);
  explicit SigningKey(EcdsaKey key) : ecdsa_(std::make_unique<EcdsaKey>(std::move(key))) {}

  std::array<unsigned char, 64> secret_{};  // libsodium's form: seed, then public key
  std::unique_ptr<const EcdsaKey> ecdsa_;   // instead of it
};

// Writes the pair: the private key with mode 0600, the public one with 0644. Never overwrites a
// private key; on failure neither file is left behind.
Result<void> WriteKeyPair(const SigningKey& key, const std::string& private_path,
                          const std::string& public_path);

}  // namespace runward
