#include "tools/ecdsa_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>

namespace runward {

Result<EcdsaKey> EcdsaKey::Parse(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const CHandle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &bytes, static_cast<long>(der.size())));
  Key key(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
  std::array<char, 32> curve{};
  const bool right =
      key && EVP_PKEY_is_a(key.get(), "EC") == 1 &&
      EVP_PKEY_get_group_name(key.get(), curve.data(), curve.size(), nullptr) == 1 &&
      std::string_view(curve.data()) == "prime256v1" &&
      EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                     "uncompressed") == 1;
  if (right) return EcdsaKey(std::move(key));
  return Error{"not an ECDSA private key on the curve P-256", "cosign generate-key-pair makes one"};
}

std::string EcdsaKey::public_bytes() const {
  unsigned char* point = nullptr;
  const size_t size = EVP_PKEY_get1_encoded_public_key(key_.get(), &point);
  std::string bytes(reinterpret_cast<const char*>(point), size);
  OPENSSL_free(point);
  return bytes;
}

std::string EcdsaKey::Sign(std::string_view text) const {
  const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  const bool sized =
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  std::string signature(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (!sized || EVP_DigestSign(context.get(), out, &size, bytes, text.size()) != 1) std::abort();
  signature.resize(size);
  return signature;
}

}  // namespace runward
