#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// An ECDSA private key on P-256, as cosign's are.
class EcdsaKey {
 public:
  // Of PKCS#8's DER (RFC 5958). An Error for another kind of key, and for another curve.
  static Result<EcdsaKey> Parse(std::string_view der);

  [[nodiscard]] std::string public_bytes() const;  // 65: the uncompressed point
  // SHA-256, the signature in DER, as cosign writes it. Ends the program when OpenSSL has no
  // memory.
  [[nodiscard]] std::string Sign(std::string_view text) const;

 private:
  using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
  explicit EcdsaKey(Key key) : key_(std::move(key)) {}

  Key key_;
};

}  // namespace runward
