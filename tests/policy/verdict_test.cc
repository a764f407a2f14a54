#include "policy/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/signing.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;

class CheckEnvelopeTest : public ::testing::Test {
 protected:
  // The rule and its reason, or "accepted by KEY".
  [[nodiscard]] std::string Outcome(const std::string& text) const {
    const CheckedEnvelope checked = CheckEnvelope(text, trust_);
    EXPECT_EQ(checked.verdict.has_value(), checked.rule.empty());
    return checked.verdict ? "accepted by " + checked.key : checked.rule + ": " + checked.why;
  }
  [[nodiscard]] std::string Outcome(const nlohmann::ordered_json& statement) const {
    return Outcome(SignedText(ci_, statement));
  }

  Ed25519Signer ci_{'c'};
  Ed25519Signer stranger_{'s'};
  P256Signer cosign_;
  std::vector<TrustedKey> trust_ = {Trusted("ci", ci_.key()), Trusted("cosign", cosign_.key())};
};

TEST_F(CheckEnvelopeTest, WhatATrustedKeySignedIsAccepted) {
  const std::string text = SignedText(ci_, StatementJson());
  const CheckedEnvelope checked = CheckEnvelope(text, trust_);
  ASSERT_TRUE(checked.verdict);
  EXPECT_EQ(checked.key, "ci");
  EXPECT_EQ(checked.why, "");
  EXPECT_EQ(checked.payload_sha256, Sha256Hex(StatementJson().dump()));
  EXPECT_EQ(Outcome(SignedText(cosign_, StatementJson())), "accepted by cosign");
  EXPECT_EQ(Outcome(RevocationJson()), "accepted by ci");
}

TEST_F(CheckEnvelopeTest, AnyPayloadByteChangedIsRefused) {
  Envelope envelope = SignedEnvelope(ci_, StatementJson().dump());
  for (char& byte : envelope.payload) {
    byte = static_cast<char>(byte ^ 1);
    EXPECT_THAT(Outcome(FormatEnvelope(envelope)), HasSubstr("verdict.untrusted: no trusted key"));
    byte = static_cast<char>(byte ^ 1);
  }
  EXPECT_EQ(Outcome(FormatEnvelope(envelope)), "accepted by ci");
}

TEST_F(CheckEnvelopeTest, TheKeyidTellsAChangedEnvelopeFromAStrangersAndNothingElse) {
  Envelope envelope = SignedEnvelope(ci_, StatementJson().dump());
  for (const char* keyid : {"", "SHA256:AAAA", "keystore://x"}) {
    envelope.signatures.front().keyid = keyid;
    EXPECT_EQ(Outcome(FormatEnvelope(envelope)), "accepted by ci");
  }
  envelope.signatures.front().keyid = KeyFingerprint(cosign_.key());
  EXPECT_EQ(Outcome(FormatEnvelope(envelope)), "accepted by ci");
  envelope.signatures.front().keyid = KeyFingerprint(ci_.key());
  EXPECT_EQ(Outcome(FormatEnvelope(envelope)), "accepted by ci");
  envelope.payload += " ";
  EXPECT_THAT(Outcome(FormatEnvelope(envelope)),
              HasSubstr("verdict.changed: its signature by key \"ci\" does not fit"));
}

TEST_F(CheckEnvelopeTest, AStrangersKeyIsRefused) {
  EXPECT_THAT(Outcome(SignedText(stranger_, StatementJson())), HasSubstr("verdict.untrusted"));
  trust_.clear();
  EXPECT_THAT(Outcome(StatementJson()), HasSubstr("the policy trusts no key"));
}

TEST_F(CheckEnvelopeTest, AKeyVouchesForItsNamesOnly) {
  trust_ = {Trusted("web", ci_.key(), {"registry.example.com/web/*", "busybox:latest"})};
  auto json = StatementJson();
  EXPECT_EQ(Outcome(json), "accepted by web");
  for (const char* name : {"registry.example.com/db:1", "registry.example.com/web",
                           "pkg:oci/app?repository_url=registry.example.com/web/app"}) {
    json["predicate"]["resourceUri"] = name;
    EXPECT_THAT(Outcome(json), HasSubstr("verdict.key-images: key \"web\" may not vouch")) << name;
  }
  json["predicate"]["resourceUri"] = "busybox:latest";
  EXPECT_EQ(Outcome(json), "accepted by web");
  trust_ = {Trusted("none", ci_.key(), {})};
  EXPECT_THAT(Outcome(json), HasSubstr("verdict.key-images"));
}

TEST_F(CheckEnvelopeTest, AKeySpeaksForItsVerifierOnly) {
  trust_.front().verifier = "https://ci.example.com/gate";
  EXPECT_EQ(Outcome(StatementJson()), "accepted by ci");
  trust_.front().verifier = "https://ci.example.com/gate/";
  EXPECT_THAT(Outcome(StatementJson()), HasSubstr("verdict.key-verifier: key \"ci\" speaks for"));
}

TEST_F(CheckEnvelopeTest, AKeyIsTrustedWithinItsWindowBothEndsIncluded) {
  const Time signed_at = ParseTime("2026-11-01T10:00:00Z").value();
  trust_.front().not_before = signed_at;
  trust_.front().not_after = signed_at;
  EXPECT_EQ(Outcome(StatementJson()), "accepted by ci");
  trust_.front().not_before = Time{signed_at.ns + 1};
  EXPECT_THAT(Outcome(StatementJson()), HasSubstr("verdict.key-window"));
  trust_.front().not_before.reset();
  trust_.front().not_after = Time{signed_at.ns - 1};
  EXPECT_THAT(Outcome(StatementJson()), HasSubstr("verdict.key-window"));
  EXPECT_THAT(Outcome(RevocationJson()), HasSubstr("verdict.key-window"));
}

TEST_F(CheckEnvelopeTest, ARevocationNeedsNeitherNameNorVerifier) {
  trust_ = {Trusted("ci", ci_.key(), {"other/*"})};
  trust_.front().verifier = "https://ci.example.com/gate";
  EXPECT_EQ(Outcome(RevocationJson()), "accepted by ci");
}

TEST_F(CheckEnvelopeTest, OneKeyInSeveralEntriesVouchesForWhatAnyOfThemAllows) {
  trust_ = {Trusted("old", ci_.key(), {"other/*"}), Trusted("new", ci_.key(), {"registry.*"})};
  EXPECT_EQ(Outcome(StatementJson()), "accepted by new");
}

TEST_F(CheckEnvelopeTest, OneAllowedSignatureOfSeveralIsEnough) {
  trust_ = {Trusted("limited", ci_.key(), {"other/*"}), Trusted("cosign", cosign_.key())};
  Envelope envelope = SignedEnvelope(stranger_, StatementJson().dump());
  envelope.signatures.push_back(SignedEnvelope(ci_, envelope.payload).signatures.front());
  EXPECT_THAT(Outcome(FormatEnvelope(envelope)), HasSubstr("key \"limited\" may not vouch"));
  envelope.signatures.push_back(SignedEnvelope(cosign_, envelope.payload).signatures.front());
  EXPECT_EQ(Outcome(FormatEnvelope(envelope)), "accepted by cosign");
}

TEST_F(CheckEnvelopeTest, ATrustedSignatureOverSomethingElseIsNoVerdict) {
  Envelope envelope{.payload_type = "text/plain", .payload = StatementJson().dump()};
  envelope.signatures = {{"", ci_.Sign(PreAuthEncoding("text/plain", envelope.payload))}};
  EXPECT_THAT(Outcome(FormatEnvelope(envelope)), HasSubstr("\"text/plain\", not an in-toto"));
  auto json = StatementJson();
  json["predicateType"] = "https://spdx.dev/Document";
  EXPECT_THAT(Outcome(json), HasSubstr("verdict.malformed: the statement is no verdict"));
  const std::string twice = R"({"_type":"a","_type":"b"})";
  EXPECT_THAT(Outcome(FormatEnvelope(SignedEnvelope(ci_, twice))), HasSubstr("second time"));
}

TEST_F(CheckEnvelopeTest, TextThatIsNoEnvelopeIsRefused) {
  EXPECT_THAT(Outcome(std::string("no")), HasSubstr("verdict.malformed"));
  EXPECT_THAT(Outcome(std::string()), HasSubstr("verdict.malformed"));
  EXPECT_THAT(Outcome(std::string(kMaxEnvelopeBytes + 1, 'x')), HasSubstr("verdict.oversized"));
}

TEST_F(CheckEnvelopeTest, TheLinesOfAFileAreCheckedOneByOne) {
  const std::string good = SignedText(ci_, StatementJson());
  const auto checked = CheckEnvelopes("\n" + good + "\r\n \nbroken\n" + good, trust_);
  ASSERT_EQ(checked.size(), 3);
  EXPECT_TRUE(checked[0].verdict);
  EXPECT_EQ(checked[1].rule, "verdict.malformed");
  EXPECT_TRUE(checked[2].verdict);
  EXPECT_TRUE(CheckEnvelopes("", trust_).empty());
  // A broken first line hides none of the others.
  EXPECT_TRUE(CheckEnvelopes("{\n" + good, trust_).back().verdict);
}

TEST_F(CheckEnvelopeTest, AnEnvelopeOverSeveralLinesIsOne) {
  const std::string pretty =
      nlohmann::ordered_json::parse(SignedText(ci_, StatementJson())).dump(2);
  const auto checked = CheckEnvelopes(pretty + "\n", trust_);
  ASSERT_EQ(checked.size(), 1);
  EXPECT_TRUE(checked.front().verdict);
}

}  // namespace
}  // namespace runward::fixtures
