// Every envelope that others made, with the result its INDEX states. The vectors lie beside a
// checkout where they are at hand and are no part of the project.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/json.h"
#include "tests/policy/envelope_vectors.h"
#include "tests/policy/signing.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kFolder =
    std::filesystem::path(RUNWARD_SOURCE_DIR).parent_path() / "shared/data/envelopes";

std::string Read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// sigstore_bundle.proto: the leaf is "certificate", or the first of "x509CertificateChain".
PublicKey LeafKey(const std::string& bundle) {
  const auto material = nlohmann::json::parse(bundle).at("verificationMaterial");
  const auto leaf = material.contains("certificate")
                        ? material.at("certificate")
                        : material.at("x509CertificateChain").at("certificates").at(0);
  const std::string der = Base64Decode(leaf.at("rawBytes").get<std::string>()).value();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  unsigned char* spki = nullptr;
  const int length = i2d_PUBKEY(X509_get0_pubkey(certificate), &spki);
  const std::string text(reinterpret_cast<char*>(spki), static_cast<size_t>(length));
  OPENSSL_free(spki);
  X509_free(certificate);
  return ParsePublicKeyPem("-----BEGIN PUBLIC KEY-----\n" + Base64Encode(text) +
                           "\n-----END PUBLIC KEY-----\n")
      .value();
}

std::vector<TrustedKey> KeysOf(const Vector& vector) {
  std::vector<TrustedKey> keys;
  const std::filesystem::path file = kFolder / vector.file;
  for (const char* name : vector.keys) {
    const std::string text = Read(name == kLeaf ? file : file.parent_path() / name);
    keys.push_back(Trusted(name, name == kLeaf ? LeafKey(text) : ParsePublicKeyPem(text).value()));
  }
  if (keys.empty()) keys.push_back(Trusted("other", Ed25519Signer('x').key()));
  return keys;
}

Form FormOf(const std::string& text, const std::vector<TrustedKey>& keys) {
  const Result<Envelope> envelope = ParseEnvelope(SplitEnvelopes(text).front());
  if (!envelope.ok()) return Form::kNone;
  const std::string message =
      PreAuthEncoding(envelope.value().payload_type, envelope.value().payload);
  for (const TrustedKey& key : keys) {
    for (const auto& signature : envelope.value().signatures) {
      if (!VerifySignature(key.key, message, signature.bytes)) continue;
      if (key.key.algorithm == KeyAlgorithm::kEd25519) return Form::kEd25519;
      return signature.bytes.size() == 64 ? Form::kRaw : Form::kDer;
    }
  }
  return Form::kNone;
}

class Envelopes : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(kFolder)) GTEST_SKIP() << "no " << kFolder;
  }
};

TEST_F(Envelopes, EveryVectorGivesTheResultItsIndexStates) {
  for (const Vector& vector : kVectors) {
    SCOPED_TRACE(vector.file);
    const std::string text = Read(kFolder / vector.file);
    ASSERT_FALSE(text.empty());
    const std::vector<TrustedKey> keys = KeysOf(vector);
    EXPECT_EQ(FormOf(text, keys), vector.form);
    const CheckedEnvelope checked = CheckEnvelope(SplitEnvelopes(text).front(), keys);
    EXPECT_EQ(checked.verdict.has_value(), *vector.rule == '\0');
    EXPECT_EQ(checked.rule, vector.rule);
    EXPECT_THAT(checked.why, HasSubstr(vector.why));
    EXPECT_EQ(checked.why.empty(), checked.verdict.has_value());
  }
}

TEST_F(Envelopes, TheTableHasEveryVector) {
  std::set<std::string> listed;
  for (const Vector& vector : kVectors) listed.insert(vector.file);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    if (!entry.path().extension().string().starts_with(".json")) continue;
    EXPECT_TRUE(listed.contains(std::filesystem::relative(entry.path(), kFolder)))
        << entry.path() << " is in no test";
  }
}

TEST_F(Envelopes, TheSignedBytesAreThoseOfTheReference) {
  const auto folder = kFolder / "generated-for-runward";
  const Envelope envelope = ParseEnvelope(Read(folder / "ok-failed-ed25519.dsse.json")).value();
  EXPECT_EQ(envelope.payload, Read(folder / "payload.json"));
  EXPECT_EQ(PreAuthEncoding(envelope.payload_type, envelope.payload), Read(folder / "pae.bin"));
  const PublicKey key = ParsePublicKeyPem(Read(folder / "ed25519.pub.pem")).value();
  EXPECT_EQ(KeyFingerprint(key), envelope.signatures.front().keyid);
  const Envelope other = ParseEnvelope(Read(folder / "ok-p256-p1363.dsse.json")).value();
  const PublicKey p256 = ParsePublicKeyPem(Read(folder / "p256.pub.pem")).value();
  EXPECT_EQ(KeyFingerprint(p256), other.signatures.front().keyid);
}

TEST_F(Envelopes, ALineEachIsReadAsManyAndATextOverManyLinesAsOne) {
  const auto folder = kFolder / "generated-for-runward";
  EXPECT_EQ(SplitEnvelopes(Read(folder / "ok-bundle.intoto.jsonl")).size(), 2);
  const std::string envelope = Read(folder / "ok-failed-ed25519.dsse.json");
  const std::string pretty = nlohmann::json::parse(envelope).dump(2);
  const auto keys = KeysOf({"generated-for-runward/x", kBoth, Form::kNone, ""});
  const auto checked = CheckEnvelopes(pretty, keys);
  ASSERT_EQ(checked.size(), 1);
  EXPECT_TRUE(checked.front().verdict);
}

}  // namespace
}  // namespace runward::fixtures
