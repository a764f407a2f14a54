#include "tools/cosign_key.h"

#include <sodium.h>

#include <array>
#include <bit>
#include <optional>

#include "base/encoding.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr std::array<std::string_view, 2> kLabels = {"ENCRYPTED SIGSTORE PRIVATE KEY",
                                                     "ENCRYPTED COSIGN PRIVATE KEY"};

struct Sealed {
  uint64_t cost = 0;  // scrypt's N, r and p
  uint32_t block = 0;
  uint32_t parallel = 0;
  std::string salt;
  std::string nonce;
  std::string ciphertext;
};

Error Broken(std::string_view what) {
  return Error{"cosign's private key is damaged: " + std::string(what),
               "get it from a backup, or make a new pair"};
}

// The bytes between the lines that begin and end the label's block.
std::optional<std::string> Body(std::string_view pem, std::string_view label) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const size_t from = pem.find(begin);
  if (from == std::string_view::npos) return std::nullopt;
  const size_t end = pem.find("-----END " + std::string(label) + "-----", from);
  if (end == std::string_view::npos) return std::nullopt;
  std::string base64;
  for (const char c : pem.substr(from + begin.size(), end - from - begin.size())) {
    if (c != '\n' && c != '\r') base64 += c;
  }
  return Base64Decode(base64);
}

Result<uint64_t> Number(const JsonValue& object, std::string_view name, uint64_t most) {
  const JsonValue value = object.Find(name);
  const Result<int64_t> number = value.Int();
  if (number.ok() && number.value() > 0 && static_cast<uint64_t>(number.value()) <= most) {
    return static_cast<uint64_t>(number.value());
  }
  return Broken("its \"" + std::string(name) + "\" is not a number that can be");
}

Result<std::string> Bytes(const JsonValue& object, std::string_view name) {
  auto bytes = Base64Decode(object.Find(name).text());
  if (bytes && !bytes->empty()) return *std::move(bytes);
  return Broken("its \"" + std::string(name) + "\" is not base64");
}

Result<Sealed> ParseSealed(const std::string& json) {
  const auto document = JsonDocument::Parse(json);
  if (!document.ok()) return Broken(document.error().message);
  const JsonValue root = document.value().root();
  const JsonValue kdf = root.Find("kdf");
  const JsonValue cipher = root.Find("cipher");
  if (kdf.Find("name").text() != "scrypt" || cipher.Find("name").text() != "nacl/secretbox") {
    return Error{"cosign's private key is sealed by other means than scrypt and nacl/secretbox",
                 "a newer format? decrypt it with cosign: cosign import-key-pair"};
  }
  const JsonValue params = kdf.Find("params");
  Sealed sealed;
  sealed.cost = TRY(Number(params, "N", uint64_t{1} << 30));
  sealed.block = static_cast<uint32_t>(TRY(Number(params, "r", 1024)));
  sealed.parallel = static_cast<uint32_t>(TRY(Number(params, "p", 16)));
  sealed.salt = TRY(Bytes(kdf, "salt"));
  sealed.nonce = TRY(Bytes(cipher, "nonce"));
  sealed.ciphertext = TRY(Bytes(root, "ciphertext"));
  if (!std::has_single_bit(sealed.cost) || sealed.cost * sealed.block > kMaxScryptBytes / 128) {
    return Broken("it asks for more memory than 256 MiB, or N is no power of two");
  }
  if (sealed.nonce.size() != crypto_secretbox_NONCEBYTES ||
      sealed.ciphertext.size() <= crypto_secretbox_MACBYTES) {
    return Broken("nonce or ciphertext are too short");
  }
  return sealed;
}

const unsigned char* Raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<std::string> Open(const Sealed& sealed, std::string_view passphrase) {
  std::array<unsigned char, crypto_secretbox_KEYBYTES> key{};
  if (crypto_pwhash_scryptsalsa208sha256_ll(reinterpret_cast<const uint8_t*>(passphrase.data()),
                                            passphrase.size(), Raw(sealed.salt), sealed.salt.size(),
                                            sealed.cost, sealed.block, sealed.parallel, key.data(),
                                            key.size()) != 0) {
    return Error{"scrypt of cosign's private key: not enough memory", ""};
  }
  std::string plain(sealed.ciphertext.size() - crypto_secretbox_MACBYTES, '\0');
  const int opened = crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                                Raw(sealed.ciphertext), sealed.ciphertext.size(),
                                                Raw(sealed.nonce), key.data());
  sodium_memzero(key.data(), key.size());
  if (opened == 0) return plain;
  return Error{"the passphrase does not open cosign's private key",
               "COSIGN_PASSWORD, or what is typed, must be the one of cosign generate-key-pair"};
}

}  // namespace

bool IsCosignKey(std::string_view pem) {
  return pem.find(kLabels[0]) != std::string_view::npos ||
         pem.find(kLabels[1]) != std::string_view::npos;
}

Result<std::string> DecryptCosignKey(std::string_view pem, std::string_view passphrase) {
  std::optional<std::string> body = Body(pem, kLabels[0]);
  if (!body) body = Body(pem, kLabels[1]);
  if (!body) return Broken("its PEM block does not end, or is not base64");
  return Open(TRY(ParseSealed(*body)), passphrase);
}

}  // namespace runward
