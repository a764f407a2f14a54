#include "tools/verdict_statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace runward {
namespace {

using ::testing::ElementsAre;

Digest DigestOf(char fill) { return Digest::FromHex(std::string(64, fill)).value(); }
Time At(std::string_view text) { return ParseTime(text).value(); }

NewVerdict Example(VerdictResult result) {
  return {.result = result,
          .resource_uri = "registry.example.com/app:1",
          .verifier = "https://ci.example.com",
          .time_verified = At("2026-11-01T10:00:00.25Z"),
          .expires_at = At("2026-11-08T10:00:00Z"),
          .subjects = {{"image-config", DigestOf('a')}},
          .diff_ids = {DigestOf('b'), DigestOf('c')},
          .reasons = {"r1"}};
}

TEST(VerdictStatement, SaysOfEachResultWhatItsReaderReads) {
  for (const VerdictResult result :
       {VerdictResult::kPassed, VerdictResult::kWarned, VerdictResult::kFailed}) {
    const NewVerdict written = Example(result);
    const Verdict read = ParseStatement(FormatStatement(written)).value();
    EXPECT_EQ(read.result, result);
    EXPECT_EQ(read.time_verified, written.time_verified);
    EXPECT_EQ(read.expires_at, written.expires_at);
    EXPECT_EQ(read.resource_uri, written.resource_uri);
    EXPECT_EQ(read.verifier_id, written.verifier);
    EXPECT_THAT(read.reasons, ElementsAre("r1"));
    EXPECT_THAT(read.subjects, ElementsAre(DigestOf('a'), ChainIdOf(written.diff_ids).value()));
  }
}

TEST(VerdictStatement, AReaderThatDoesNotKnowOurExtensionSeesASlsaSummary) {
  const auto json = nlohmann::json::parse(FormatStatement(Example(VerdictResult::kWarned)));
  EXPECT_EQ(json.at("_type"), "https://in-toto.io/Statement/v1");
  EXPECT_EQ(json.at("predicateType"), "https://slsa.dev/verification_summary/v1");
  const auto& predicate = json.at("predicate");
  // The fields that the VSA specification requires.
  for (const char* key : {"verifier", "timeVerified", "resourceUri", "policy", "verificationResult",
                          "verifiedLevels"}) {
    EXPECT_TRUE(predicate.contains(key)) << key;
  }
  EXPECT_EQ(predicate.at("verificationResult"), "PASSED");
  const auto failed = nlohmann::json::parse(FormatStatement(Example(VerdictResult::kFailed)));
  EXPECT_EQ(failed.at("predicate").at("verificationResult"), "FAILED");
  EXPECT_EQ(failed.at("predicate").at("verifiedLevels"), nlohmann::json::parse("[\"FAILED\"]"));
}

TEST(VerdictStatement, ARevocationIsReadAsItWasWritten) {
  NewRevocation written{.time_revoked = At("2026-11-02T10:00:00Z"),
                        .reason = "leaked \"token\"",
                        .subjects = {{"revoked", DigestOf('a')}, {"revoked", DigestOf('b')}}};
  Verdict read = ParseStatement(FormatStatement(written)).value();
  EXPECT_EQ(read.result, VerdictResult::kRevoked);
  EXPECT_EQ(read.time_verified, written.time_revoked);
  EXPECT_THAT(read.reasons, ElementsAre("leaked \"token\""));
  EXPECT_THAT(read.subjects, ElementsAre(DigestOf('a'), DigestOf('b')));
  EXPECT_TRUE(read.revokes.empty());
  written.payloads = {std::string(64, 'd')};
  read = ParseStatement(FormatStatement(written)).value();
  EXPECT_THAT(read.revokes, ElementsAre(std::string(64, 'd')));
}

TEST(VerdictStatement, TheEnvelopeIsOneLineThatItsKeyAlonePasses) {
  const SigningKey key = SigningKey::Generate();
  const std::string line = SignStatement(key, FormatStatement(Example(VerdictResult::kPassed)));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto trusted = [](const SigningKey& one) {
    return std::vector<TrustedKey>{
        {.name = "k", .key = {KeyAlgorithm::kEd25519, one.public_bytes()}, .images = {"*"}}};
  };
  EXPECT_TRUE(CheckEnvelope(line, trusted(key)).verdict);
  EXPECT_EQ(CheckEnvelope(line, trusted(SigningKey::Generate())).rule, "verdict.untrusted");
  // The keyid that go-securesystemslib's verifiers look for.
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("signatures").at(0).at("keyid"),
            KeyFingerprint({KeyAlgorithm::kEd25519, key.public_bytes()}));
}

}  // namespace
}  // namespace runward
