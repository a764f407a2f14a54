#include "tools/signing_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.h"
#include "base/fd.h"
#include "base/file.h"
#include "tools/cosign_key.h"
#include "tools/passphrase.h"

namespace runward {
namespace {

// RFC 8410: PrivateKeyInfo and SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes.
constexpr std::string_view kPrivateDer{
    "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16};
constexpr std::string_view kPublicDer{"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12};
constexpr std::string_view kBegin = "-----BEGIN PRIVATE KEY-----";
constexpr std::string_view kEnd = "-----END PRIVATE KEY-----";
constexpr size_t kSeedBytes = crypto_sign_SEEDBYTES;
constexpr size_t kMaxPemBytes = 4096;
static_assert(crypto_sign_SECRETKEYBYTES == 64);

std::string Pem(std::string_view label, const std::string& der) {
  return "-----BEGIN " + std::string(label) + "-----\n" + Base64Encode(der) + "\n-----END " +
         std::string(label) + "-----\n";
}

Error NotAKey(std::string_view what) {
  return Error{"not an Ed25519 private key in PEM (PKCS#8): " + std::string(what),
               "make one: openssl genpkey -algorithm ed25519"};
}

Result<void> CreatePrivate(const std::string& path, std::string_view pem) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid() && errno == EEXIST) {
    return Error{"create \"" + path + "\": it exists, and a key is never overwritten",
                 "choose another name, or move it away"};
  }
  if (!fd.valid()) return ErrnoError("create \"" + path + "\"", errno);
  const ssize_t written = write(fd.get(), pem.data(), pem.size());
  if (written == static_cast<ssize_t>(pem.size()) && fsync(fd.get()) == 0) return {};
  Error error = ErrnoError("write \"" + path + "\"", written < 0 ? errno : ENOSPC);
  unlink(path.c_str());
  return error;
}

Result<SigningKey> ReadCosign(std::string_view pem, const std::string& path) {
  const LockedBytes passphrase =
      TRY(AskPassphrase("COSIGN_PASSWORD", "Passphrase of the private key \"" + path + "\""));
  return SigningKey::ParseCosign(pem, passphrase.view());
}

}  // namespace

SigningKey::SigningKey(std::string_view seed) {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> unused{};
  crypto_sign_seed_keypair(unused.data(), secret_.data(),
                           reinterpret_cast<const unsigned char*>(seed.data()));
}

SigningKey::SigningKey(SigningKey&& other) noexcept
    : secret_(other.secret_), ecdsa_(std::move(other.ecdsa_)) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

SigningKey SigningKey::Generate() {
  std::string seed(kSeedBytes, '\0');
  randombytes_buf(seed.data(), seed.size());
  SigningKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

Result<SigningKey> SigningKey::Parse(std::string_view pem) {
  const size_t begin = pem.find(kBegin);
  const size_t end = pem.find(kEnd);
  if (pem.find("ENCRYPTED PRIVATE KEY") != std::string_view::npos) {
    return Error{"the private key is encrypted",
                 "decrypt it first: openssl pkey -in KEY -out PLAIN"};
  }
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return NotAKey("no PRIVATE KEY block");
  }
  std::string base64;
  for (char c : pem.substr(begin + kBegin.size(), end - begin - kBegin.size())) {
    if (c != '\n' && c != '\r') base64 += c;
  }
  auto der = Base64Decode(base64);
  sodium_memzero(base64.data(), base64.size());
  if (!der) return NotAKey("its base64 is broken");
  if (der->size() != kPrivateDer.size() + kSeedBytes || !der->starts_with(kPrivateDer)) {
    sodium_memzero(der->data(), der->size());
    return NotAKey("another kind of key");
  }
  SigningKey key(std::string_view(*der).substr(kPrivateDer.size()));
  sodium_memzero(der->data(), der->size());
  return key;
}

Result<SigningKey> SigningKey::ParseCosign(std::string_view pem, std::string_view passphrase) {
  std::string der = TRY(DecryptCosignKey(pem, passphrase));
  Result<EcdsaKey> key = EcdsaKey::Parse(der);
  sodium_memzero(der.data(), der.size());
  if (!key.ok()) return key.error();
  return SigningKey(std::move(key).value());
}

Result<SigningKey> SigningKey::ReadFile(const std::string& path) {
  std::string pem = TRY(ReadFileCapped(path, kMaxPemBytes, Trust::kOwnerAndParents));
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  if ((info.st_mode & 077) != 0) {
    return Error{"refusing \"" + path + "\": others may read this private key",
                 "chmod 600 " + path + ", or make a new one: it may be known already"};
  }
  Result<SigningKey> key = IsCosignKey(pem) ? ReadCosign(pem, path) : Parse(pem);
  sodium_memzero(pem.data(), pem.size());
  if (!key.ok()) return Error{"\"" + path + "\": " + key.error().message, key.error().hint};
  return key;
}

std::string SigningKey::PrivatePem() const {
  return Pem("PRIVATE KEY",
             std::string(kPrivateDer) + std::string(secret_.begin(), secret_.begin() + kSeedBytes));
}

KeyAlgorithm SigningKey::algorithm() const {
  return ecdsa_ ? KeyAlgorithm::kEcdsaP256 : KeyAlgorithm::kEd25519;
}

std::string SigningKey::public_bytes() const {
  if (ecdsa_) return ecdsa_->public_bytes();
  return {secret_.begin() + kSeedBytes, secret_.end()};
}

std::string SigningKey::PublicPem() const {
  return Pem("PUBLIC KEY", std::string(kPublicDer) + public_bytes());
}

std::string SigningKey::Sign(std::string_view text) const {
  if (ecdsa_) return ecdsa_->Sign(text);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       secret_.data());
  return signature;
}

Result<void> WriteKeyPair(const SigningKey& key, const std::string& private_path,
                          const std::string& public_path) {
  TRY(CreatePrivate(private_path, key.PrivatePem()));
  Result<void> written = WriteFileAtomic(public_path, key.PublicPem(), 0644, true);
  if (!written.ok()) unlink(private_path.c_str());
  return written;
}

}  // namespace runward
