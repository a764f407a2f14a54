#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace runward {

// An Ed25519 private key as PEM PKCS#8 (RFC 8410), which `openssl genpkey -algorithm ed25519`
// writes and reads too. Wiped from memory when it goes; it is not kept from a swap file.
class SigningKey {
 public:
  static SigningKey Generate();
  // An encrypted key, or one of another kind, is refused with a word on how to convert it.
  static Result<SigningKey> Parse(std::string_view pem);
  // From a file that only its owner can read or write, and so every directory above.
  static Result<SigningKey> ReadFile(const std::string& path);

  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&&) = delete;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
  ~SigningKey();

  [[nodiscard]] std::string PrivatePem() const;
  [[nodiscard]] std::string PublicPem() const;
  [[nodiscard]] std::string public_bytes() const;               // 32
  [[nodiscard]] std::string Sign(std::string_view text) const;  // 64 bytes, pure Ed25519

 private:
  explicit SigningKey(std::string_view seed);

  std::array<unsigned char, 64> secret_{};  // libsodium's form: seed, then public key
};

// Writes the pair: the private key with mode 0600, the public one with 0644. Never overwrites a
// private key; on failure neither file is left behind.
Result<void> WriteKeyPair(const SigningKey& key, const std::string& private_path,
                          const std::string& public_path);

}  // namespace runward
