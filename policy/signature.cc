// The low-level EC functions are deprecated in OpenSSL 3 in favour of providers, whose loading is
// most of what a cold process pays: 2.2 ms through EVP, 0.26 ms this way (docs/performance.md).
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <sodium/crypto_sign_ed25519.h>

#include <memory>

#include "base/encoding.h"
#include "policy/trust.h"

namespace runward {
namespace {

constexpr size_t kEd25519Key = crypto_sign_ed25519_PUBLICKEYBYTES;
constexpr size_t kEd25519Signature = crypto_sign_ed25519_BYTES;
constexpr size_t kP256Point = 65;
constexpr size_t kP256Raw = 64;
constexpr std::string_view kSpkiEd25519("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
constexpr std::string_view kSpkiP256(
    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
    "\x03\x42\x00",
    26);
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";
constexpr size_t kMaxPem = 4096;

struct Free {
  void operator()(EC_KEY* key) const { EC_KEY_free(key); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

Error BadKey(std::string_view what, std::string_view hint = "") {
  return {"not a public key: " + std::string(what), std::string(hint)};
}

// What stands between the one BEGIN and the one END line of a PUBLIC KEY block.
Result<std::string> PemBody(std::string_view pem) {
  constexpr std::string_view kLabel = "PUBLIC KEY";
  if (pem.size() > kMaxPem) return BadKey("the text is larger than 4096 bytes");
  pem = Trim(pem);
  if (!pem.starts_with(kBegin)) return BadKey("it does not start with -----BEGIN PUBLIC KEY-----");
  pem.remove_prefix(kBegin.size());
  const size_t dashes = pem.find(kDashes);
  if (dashes == std::string_view::npos) return BadKey("its first line does not end with -----");
  const std::string_view label = pem.substr(0, dashes);
  if (label != kLabel) {
    const bool secret = label.find("PRIVATE") != std::string_view::npos;
    return BadKey("it holds a " + std::string(label.substr(0, 40)),
                  secret ? "name the .pub file; the private key belongs to the signer alone" : "");
  }
  pem.remove_prefix(label.size() + kDashes.size());
  const std::string end = "-----END " + std::string(kLabel) + std::string(kDashes);
  if (!pem.ends_with(end)) return BadKey("it does not end with " + end);
  pem.remove_suffix(end.size());
  std::string body;
  for (char c : pem) {
    if (!IsSpace(c)) body += c;
  }
  return body;
}

void AppendSshString(std::string_view text, std::string& wire) {
  for (int shift = 24; shift >= 0; shift -= 8) wire += static_cast<char>(text.size() >> shift);
  wire += text;
}

// OpenSSL as a curve alone: its configuration file is not read, so that no OPENSSL_CONF in the
// environment loads code into a gate that runs as root.
bool StartOpenSsl() {
  return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
                                 OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_ATEXIT,
                             nullptr) == 1;
}

// Only the one DER encoding of a signature is taken, so that nothing can be appended or changed.
Owned<ECDSA_SIG> FromDer(std::string_view text) {
  const unsigned char* at = Bytes(text);
  Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(text.size())));
  if (!signature || at != Bytes(text) + text.size()) return nullptr;
  unsigned char* again = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &again);
  const Owned<unsigned char> owner(again);
  if (length < 0) return nullptr;
  const std::string_view canonical(reinterpret_cast<const char*>(again),
                                   static_cast<size_t>(length));
  return canonical == text ? std::move(signature) : nullptr;
}

Owned<ECDSA_SIG> FromRaw(std::string_view text) {
  if (text.size() != kP256Raw) return nullptr;
  Owned<BIGNUM> r(BN_bin2bn(Bytes(text), kP256Raw / 2, nullptr));
  Owned<BIGNUM> s(BN_bin2bn(Bytes(text) + kP256Raw / 2, kP256Raw / 2, nullptr));
  Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  if (!r || !s || !signature) return nullptr;
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return nullptr;
  (void)r.release();
  (void)s.release();
  return signature;
}

bool VerifyP256(std::string_view point, std::string_view message, std::string_view signature) {
  // A DER signature over P-256 has 8 to 72 bytes: nothing else is worth starting OpenSSL for.
  if (signature.size() < 8 || signature.size() > 72 || !StartOpenSsl()) return false;
  const Owned<EC_KEY> key(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  // Fails for a point that is not on the curve.
  if (!key || EC_KEY_oct2key(key.get(), Bytes(point), point.size(), nullptr) != 1) return false;
  const std::string hash = Sha256(message);
  const auto fits = [&](const Owned<ECDSA_SIG>& candidate) {
    return candidate && ECDSA_do_verify(Bytes(hash), static_cast<int>(hash.size()), candidate.get(),
                                        key.get()) == 1;
  };
  return fits(FromDer(signature)) || fits(FromRaw(signature));
}

}  // namespace

Result<PublicKey> ParsePublicKeyPem(std::string_view pem) {
  const std::string body = TRY(PemBody(pem));
  const std::optional<std::string> der = Base64Decode(body);
  if (!der) return BadKey("what is between BEGIN and END is not base64");
  if (der->starts_with(kSpkiEd25519) && der->size() == kSpkiEd25519.size() + kEd25519Key) {
    return PublicKey{KeyAlgorithm::kEd25519, der->substr(kSpkiEd25519.size())};
  }
  if (der->starts_with(kSpkiP256) && der->size() == kSpkiP256.size() + kP256Point &&
      (*der)[kSpkiP256.size()] == '\x04') {
    return PublicKey{KeyAlgorithm::kEcdsaP256, der->substr(kSpkiP256.size())};
  }
  return BadKey("neither Ed25519 nor ECDSA P-256 (uncompressed)",
                "make one with runwardctl verdict keygen, or cosign generate-key-pair");
}

std::string KeyFingerprint(const PublicKey& key) {
  std::string wire;
  if (key.algorithm == KeyAlgorithm::kEd25519) {
    AppendSshString("ssh-ed25519", wire);
  } else {
    AppendSshString("ecdsa-sha2-nistp256", wire);
    AppendSshString("nistp256", wire);
  }
  AppendSshString(key.bytes, wire);
  std::string text = Base64Encode(Sha256(wire));
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

bool VerifySignature(const PublicKey& key, std::string_view message, std::string_view signature) {
  if (key.algorithm == KeyAlgorithm::kEcdsaP256) {
    return key.bytes.size() == kP256Point && VerifyP256(key.bytes, message, signature);
  }
  return key.bytes.size() == kEd25519Key && signature.size() == kEd25519Signature &&
         crypto_sign_ed25519_verify_detached(Bytes(signature), Bytes(message), message.size(),
                                             Bytes(key.bytes)) == 0;
}

}  // namespace runward
