#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sodium/crypto_sign.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "policy/dsse.h"
#include "policy/trust.h"
#include "policy/verdict.h"

// Keys, statements and envelopes for tests, made anew in each run: the project holds no private
// key.
namespace runward::fixtures {

inline constexpr std::string_view kHexA =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
inline constexpr std::string_view kHexB =
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

class Ed25519Signer {
 public:
  explicit Ed25519Signer(char fill) {
    const std::string seed(crypto_sign_SEEDBYTES, fill);
    crypto_sign_seed_keypair(public_, secret_, reinterpret_cast<const unsigned char*>(seed.data()));
  }
  [[nodiscard]] PublicKey key() const {
    return {KeyAlgorithm::kEd25519, std::string(reinterpret_cast<const char*>(public_), 32)};
  }
  [[nodiscard]] std::string Sign(std::string_view message) const {
    std::string bytes(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(bytes.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         secret_);
    return bytes;
  }

 private:
  unsigned char public_[crypto_sign_PUBLICKEYBYTES] = {};
  unsigned char secret_[crypto_sign_SECRETKEYBYTES] = {};
};

// Signs as cosign does: P-256 with SHA-256, DER.
class P256Signer {
 public:
  P256Signer() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {}
  [[nodiscard]] PublicKey key() const {
    std::string point(65, '\0');
    size_t length = 0;
    EVP_PKEY_get_octet_string_param(
        key_.get(), "pub", reinterpret_cast<unsigned char*>(point.data()), point.size(), &length);
    point.resize(length);
    return {KeyAlgorithm::kEcdsaP256, point};
  }
  [[nodiscard]] std::string Sign(std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::string bytes(80, '\0');
    size_t length = bytes.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length,
                   reinterpret_cast<const unsigned char*>(message.data()), message.size());
    bytes.resize(length);
    return bytes;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

// A DER signature's r and s, 32 bytes each.
inline std::string RawOf(std::string_view der) {
  std::string raw;
  size_t at = 2;
  for (int i = 0; i < 2; ++i) {
    const auto length = static_cast<unsigned char>(der[at + 1]);
    std::string number(der.substr(at + 2, length));
    if (number.size() == 33) number.erase(0, 1);
    raw += std::string(32 - number.size(), '\0') + number;
    at += 2 + length;
  }
  return raw;
}

inline TrustedKey Trusted(std::string name, PublicKey key,
                          std::vector<std::string> images = {"*"}) {
  return {.name = std::move(name), .key = std::move(key), .images = std::move(images)};
}

inline nlohmann::ordered_json StatementJson() {
  return {
      {"_type", "https://in-toto.io/Statement/v1"},
      {"subject", {{{"name", "registry.example.com/web/app"}, {"digest", {{"sha256", kHexA}}}}}},
      {"predicateType", kVsaType},
      {"predicate",
       {{"verifier", {{"id", "https://ci.example.com/gate"}}},
        {"timeVerified", "2026-11-01T10:00:00Z"},
        {"resourceUri", "registry.example.com/web/app:1.2"},
        {"policy", {{"uri", "https://ci.example.com/policy"}}},
        {"verificationResult", "PASSED"},
        {"verifiedLevels", {"EXAMPLE_PASSED"}}}}};
}

inline nlohmann::ordered_json RevocationJson() {
  nlohmann::ordered_json json = StatementJson();
  json["predicateType"] = kRevocationType;
  json["predicate"] = {{"timeRevoked", "2026-11-02T10:00:00Z"}, {"reason", "stolen token"}};
  return json;
}

template <typename Signer>
Envelope SignedEnvelope(const Signer& signer, std::string payload) {
  Envelope envelope{.payload_type = std::string(kStatementType), .payload = std::move(payload)};
  envelope.signatures.push_back(
      {.keyid = "", .bytes = signer.Sign(PreAuthEncoding(kStatementType, envelope.payload))});
  return envelope;
}

template <typename Signer>
std::string SignedText(const Signer& signer, const nlohmann::ordered_json& statement) {
  return FormatEnvelope(SignedEnvelope(signer, statement.dump()));
}

}  // namespace runward::fixtures
