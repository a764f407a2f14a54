#include "tools/cosign_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"
#include "policy/trust.h"
#include "tools/signing_key.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

// Made for this test by others: openssl's key, sealed by Python's hashlib.scrypt and PyNaCl. Fresh
// ones, with cosign's own cost: tests/e2e/test_cosign_key.py.
constexpr const char* kSealed =
    "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
    "eyJrZGYiOiB7Im5hbWUiOiAic2NyeXB0IiwgInBhcmFtcyI6IHsiTiI6IDEwMjQs\n"
    "ICJyIjogOCwgInAiOiAxfSwgInNhbHQiOiAibkVTbFRYR2RhNkcrUlZTSzdIZFU4\n"
    "dkRZVkt3Y0JsOEhZRlhBNld6Y3dldz0ifSwgImNpcGhlciI6IHsibmFtZSI6ICJu\n"
    "YWNsL3NlY3JldGJveCIsICJub25jZSI6ICJUbmFTd2Z5RkZDelJ2b2NOTTY4RjVu\n"
    "S2FtcXBJRWh0KyJ9LCAiY2lwaGVydGV4dCI6ICJMbkh4QThJdUNrbG9EbXNGd1Va\n"
    "N0lxelJsbG9JcUVFZU1IWk54VGZOa2x1SjNSWGlYWDFWbnAwbVl4TlRJbEZhNTY3\n"
    "VFBVU25rZDU1TUlROXYyS3ZzOWh6VC9FK0dSRStmbVIyVm5EZzdGVzVSU3JLQm9k\n"
    "YzBhdzFJaEVlajNETCtJL1haYjR3VkR3NitsWmhzRnhJTjQzNUFwQ0VadlozTkFk\n"
    "c24wYnVDUlRkclFGWnZteVZaanBudm1rUHdHeE4rS2orUEVNdmFFQW1udz09In0=\n"
    "-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
constexpr const char* kPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExYz7D9IIaogC0qJAO+Oa9YZRTTrX\n"
    "dLvAeoboEg0G/H7swEUTBewlb4XTpDB6OgcwI7/lLR3n3SjPaCFRAi1oqw==\n"
    "-----END PUBLIC KEY-----\n";
// An Ed25519 key, sealed with no passphrase and in the first version's name.
constexpr const char* kEd25519 =
    "-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n"
    "eyJrZGYiOiB7Im5hbWUiOiAic2NyeXB0IiwgInBhcmFtcyI6IHsiTiI6IDEwMjQs\n"
    "ICJyIjogOCwgInAiOiAxfSwgInNhbHQiOiAiTjhHUjN1YUliWFpmaXhtNnd3Vkwr\n"
    "d2t5RVh3akRWTWtvSFkvNFNJSTlxQT0ifSwgImNpcGhlciI6IHsibmFtZSI6ICJu\n"
    "YWNsL3NlY3JldGJveCIsICJub25jZSI6ICIydGJJNy93b3IrQjYvcjJmdHd6UGtB\n"
    "NDR5RlJrSDB0bSJ9LCAiY2lwaGVydGV4dCI6ICJ5UmtPaDBNaDRRNHJFRmtJUTFw\n"
    "MFROQ2ljdzVqcStIbzN4dTh6OHc4bTRaUHZBQ1pDT3FPaVhRQXhhSmk1UUp1b3BZ\n"
    "dFF1eFNLNXMyOWNlRUZFblN4Zz09In0=\n"
    "-----END ENCRYPTED COSIGN PRIVATE KEY-----\n";

// A key whose JSON has `from` replaced by `to`.
std::string Changed(const std::string& from, const std::string& to) {
  std::string json =
      R"({"kdf":{"name":"scrypt","params":{"N":1024,"r":8,"p":1},"salt":"AAAA"},)"
      R"("cipher":{"name":"nacl/secretbox","nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},)"
      R"("ciphertext":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})";
  const size_t at = json.find(from);
  if (at != std::string::npos) json.replace(at, from.size(), to);
  return "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n" + Base64Encode(json) +
         "\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
}

TEST(CosignKey, OpensWithItsPassphraseAndSigns) {
  EXPECT_TRUE(IsCosignKey(kSealed));
  const auto key = SigningKey::ParseCosign(kSealed, "correct horse");
  ASSERT_TRUE(key.ok()) << key.error().message;
  const auto trusted = ParsePublicKeyPem(kPublic);
  ASSERT_TRUE(trusted.ok());
  EXPECT_EQ(key.value().algorithm(), KeyAlgorithm::kEcdsaP256);
  EXPECT_EQ(key.value().public_bytes(), trusted.value().bytes);
  const std::string signature = key.value().Sign("text");
  EXPECT_TRUE(VerifySignature(trusted.value(), "text", signature));
  EXPECT_FALSE(VerifySignature(trusted.value(), "texts", signature));
}

TEST(CosignKey, ByAnotherPassphraseIsClosed) {
  for (const char* wrong : {"", "correct horse ", "Correct horse"}) {
    const auto opened = DecryptCosignKey(kSealed, wrong);
    ASSERT_FALSE(opened.ok());
    EXPECT_THAT(opened.error().message, HasSubstr("the passphrase does not open"));
  }
}

TEST(CosignKey, OfTheFirstVersionOpensAndAnotherKindInsideIsNamed) {
  EXPECT_TRUE(IsCosignKey(kEd25519));
  EXPECT_TRUE(DecryptCosignKey(kEd25519, "").ok());
  EXPECT_THAT(SigningKey::ParseCosign(kEd25519, "").error().message,
              HasSubstr("not an ECDSA private key on the curve P-256"));
}

TEST(CosignKey, ThatIsDamagedOrAsksForTooMuchIsRefused) {
  EXPECT_THAT(DecryptCosignKey(Changed("", ""), "").error().message, HasSubstr("does not open"));
  const std::pair<const char*, const char*> cases[] = {
      {"scrypt", "argon2"},
      {"nacl/secretbox", "aes"},
      {"1024", "1000"},
      {"1024", "0"},
      {"1024", "-1024"},
      {"1024", "1048576"},
      {"1024", "1e9"},
      {"\"r\":8", "\"r\":1000000"},
      {"\"p\":1", "\"p\":1000"},
      {"\"salt\":\"AAAA\"", "\"salt\":\"!\""},
      {"nonce\":\"AAAA", "nonce\":\""},
      {"ciphertext\":\"AAAA", "ciphertext\":\"!"},
      {"{\"kdf\"", "\"kdf\""},
  };
  for (const auto& [from, to] : cases) {
    const auto opened = DecryptCosignKey(Changed(from, to), "");
    ASSERT_FALSE(opened.ok()) << from << " " << to;
    EXPECT_THAT(opened.error().message, HasSubstr("cosign's private key")) << from;
    EXPECT_THAT(opened.error().message, ::testing::Not(HasSubstr("does not open"))) << to;
  }
  const std::string text = kSealed;
  for (size_t size = 0; size < text.size() - 1; ++size) {
    EXPECT_FALSE(DecryptCosignKey(text.substr(0, size), "correct horse").ok()) << size;
  }
}

}  // namespace
}  // namespace runward
