#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/hex.h"
#include "tests/policy/signing.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;

// RFC 8032, section 7.1, test 2: one byte signed.
constexpr std::string_view kRfcKey =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr std::string_view kRfcSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

std::string Pem(std::string_view der_hex, std::string_view label = "PUBLIC KEY") {
  const std::string name(label);
  return "-----BEGIN " + name + "-----\n" + Base64Encode(Unhex(der_hex)) + "\n-----END " + name +
         "-----\n";
}

const std::string kEd25519Der = "302a300506032b6570032100" + std::string(kRfcKey);

std::string P256Der(const PublicKey& key) {
  return "3059301306072a8648ce3d020106082a8648ce3d030107034200" + HexEncode(key.bytes);
}

std::string ErrorOf(const Result<PublicKey>& key) {
  return key.ok() ? "read" : key.error().message + " / " + key.error().hint;
}

TEST(Signature, TheRfcVectorVerifies) {
  const PublicKey key = ParsePublicKeyPem(Pem(kEd25519Der)).value();
  EXPECT_EQ(key.algorithm, KeyAlgorithm::kEd25519);
  const std::string signature = Unhex(kRfcSignature);
  EXPECT_TRUE(VerifySignature(key, "\x72", signature));
  EXPECT_FALSE(VerifySignature(key, "\x73", signature));
  EXPECT_FALSE(VerifySignature(key, "", signature));
}

TEST(Signature, EveryFlippedBitIsRefused) {
  const Ed25519Signer ed25519('a');
  const P256Signer p256;
  const std::string der = p256.Sign("message");
  const struct {
    PublicKey key;
    std::string signature;
  } cases[] = {
      {ed25519.key(), ed25519.Sign("message")}, {p256.key(), der}, {p256.key(), RawOf(der)}};
  for (const auto& [key, signature] : cases) {
    EXPECT_TRUE(VerifySignature(key, "message", signature));
    for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
      std::string changed = signature;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      EXPECT_FALSE(VerifySignature(key, "message", changed)) << "bit " << bit;
    }
  }
}

TEST(Signature, AP256SignatureHasOneDerForm) {
  const P256Signer signer;
  const std::string der = signer.Sign("m");
  std::string long_form = der;  // the length in two bytes: BER, not DER
  long_form.insert(1, 1, '\x81');
  std::string padded = der;  // a needless zero before r
  padded[1] = static_cast<char>(padded[1] + 1);
  padded[3] = static_cast<char>(padded[3] + 1);
  padded.insert(4, 1, '\0');
  for (const std::string& bad :
       {der + '\0', der.substr(0, der.size() - 1), std::string(), long_form, padded,
        std::string(64, '\0'), std::string(1000, '0')}) {
    EXPECT_FALSE(VerifySignature(signer.key(), "m", bad)) << HexEncode(bad);
  }
}

TEST(Signature, ASignatureIsNotTakenForAnotherAlgorithms) {
  const Ed25519Signer ed25519('a');
  const P256Signer p256;
  EXPECT_FALSE(VerifySignature(p256.key(), "m", ed25519.Sign("m")));
  EXPECT_FALSE(VerifySignature(ed25519.key(), "m", p256.Sign("m")));
  EXPECT_FALSE(VerifySignature(ed25519.key(), "m", RawOf(p256.Sign("m"))));
  EXPECT_FALSE(VerifySignature(Ed25519Signer('b').key(), "m", ed25519.Sign("m")));
}

TEST(Signature, APointOffTheCurveVerifiesNothing) {
  const P256Signer signer;
  PublicKey key = signer.key();
  key.bytes.back() = static_cast<char>(key.bytes.back() ^ 1);
  EXPECT_FALSE(VerifySignature(key, "m", signer.Sign("m")));
  EXPECT_FALSE(VerifySignature({KeyAlgorithm::kEcdsaP256, ""}, "m", signer.Sign("m")));
  EXPECT_FALSE(VerifySignature({KeyAlgorithm::kEd25519, ""}, "m", std::string(64, 'x')));
}

TEST(Signature, AnAllZeroKeyVerifiesNothing) {  // a point of small order: any message would fit
  const PublicKey key = {KeyAlgorithm::kEd25519, std::string(32, '\0')};
  EXPECT_FALSE(VerifySignature(key, "m", std::string(64, '\0')));
}

TEST(Signature, AKeyIsReadWithItsLineEndingsOfAnyKind) {
  const PublicKey p256 = P256Signer().key();
  EXPECT_EQ(ParsePublicKeyPem(Pem(P256Der(p256))).value().bytes, p256.bytes);
  std::string windows = Pem(kEd25519Der);
  for (size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2) {
    windows.insert(at, 1, '\r');
  }
  EXPECT_TRUE(ParsePublicKeyPem("\n  " + windows + "\n").ok());
}

TEST(Signature, WhatIsNotAKeyIsRefusedWithItsReason) {
  const std::string point = HexEncode(P256Signer().key().bytes);
  const struct {
    std::string pem;
    const char* message;
  } cases[] = {
      {"", "does not start with"},
      {"ssh-ed25519 AAAAC3Nza me@host", "does not start with"},
      {"text\n" + Pem(kEd25519Der), "does not start with"},
      {Pem(kEd25519Der) + Pem(kEd25519Der), "not base64"},
      {Pem(kEd25519Der) + "text", "does not end with"},
      {Pem(kEd25519Der, "PRIVATE KEY"), "name the .pub file"},
      {Pem(kEd25519Der, "ENCRYPTED SIGSTORE PRIVATE KEY"), "name the .pub file"},
      {Pem(kEd25519Der, "CERTIFICATE"), "it holds a CERTIFICATE"},
      {Pem(kEd25519Der + "00"), "neither Ed25519 nor ECDSA P-256"},
      {Pem(kEd25519Der.substr(0, 80)), "neither Ed25519 nor ECDSA P-256"},
      {Pem("302a300506032b656e032100" + std::string(kRfcKey)), "neither"},  // X25519
      {Pem("3059301306072a8648ce3d020106082a8648ce3d03010703420002" + point.substr(2)), "neither"},
      {"-----BEGIN PUBLIC KEY-----\n????\n-----END PUBLIC KEY-----", "not base64"},
      {"-----BEGIN PUBLIC KEY", "first line does not end"},
      {"-----BEGIN PUBLIC KEY--", "first line does not end"},
      {"-----BEGIN PUBLIC KEY-----", "does not end with"},
      {std::string(5000, ' '), "larger than"},
  };
  for (const auto& [pem, message] : cases) {
    EXPECT_THAT(ErrorOf(ParsePublicKeyPem(pem)), HasSubstr(message)) << pem;
  }
}

}  // namespace
}  // namespace runward::fixtures
