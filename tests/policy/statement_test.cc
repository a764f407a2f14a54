#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/signing.h"

namespace runward::fixtures {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::ordered_json;

std::string Sha(std::string_view hex) { return "sha256:" + std::string(hex); }
Digest A() { return Digest::FromHex(kHexA).value(); }
Digest B() { return Digest::FromHex(kHexB).value(); }

Json WithExtension(const Json& extension) {
  Json json = StatementJson();
  json["predicate"][kVerdictExtension] = extension;
  return json;
}

std::string ErrorOf(const Json& json) {
  const Result<Verdict> verdict = ParseStatement(json.dump());
  return verdict.ok() ? "read" : verdict.error().message;
}

TEST(Statement, AVerificationSummaryIsRead) {
  for (const char* type :
       {"https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"}) {
    Json json = StatementJson();
    json["_type"] = type;
    const Verdict verdict = ParseStatement(json.dump()).value();
    EXPECT_EQ(verdict.result, VerdictResult::kPassed);
    EXPECT_EQ(FormatTime(verdict.time_verified), "2026-11-01T10:00:00.000Z");
    EXPECT_EQ(verdict.resource_uri, "registry.example.com/web/app:1.2");
    EXPECT_EQ(verdict.verifier_id, "https://ci.example.com/gate");
    EXPECT_THAT(verdict.subjects, ElementsAre(A()));
    EXPECT_FALSE(verdict.expires_at);
    EXPECT_THAT(verdict.reasons, IsEmpty());
    EXPECT_THAT(verdict.revokes, IsEmpty());
  }
}

TEST(Statement, TheExtensionNarrowsAndNeverWidens) {
  const struct {
    const char* summary;
    const char* extension;
    VerdictResult result;
  } cases[] = {
      {"PASSED", "PASSED", VerdictResult::kPassed}, {"PASSED", "WARN", VerdictResult::kWarned},
      {"PASSED", "FAILED", VerdictResult::kFailed}, {"FAILED", "PASSED", VerdictResult::kFailed},
      {"FAILED", "WARN", VerdictResult::kFailed},   {"FAILED", "FAILED", VerdictResult::kFailed},
  };
  for (const auto& [summary, extension, result] : cases) {
    Json json = WithExtension({{"result", extension}});
    json["predicate"]["verificationResult"] = summary;
    EXPECT_EQ(ParseStatement(json.dump()).value().result, result) << summary << " " << extension;
  }
}

TEST(Statement, TheExtensionsExpiryFindingsAndLayersAreRead) {
  const Verdict verdict = ParseStatement(WithExtension({{"result", "WARN"},
                                                        {"expiresAt", "2026-11-08T12:00:00+02:00"},
                                                        {"diffIDs", {Sha(kHexA), Sha(kHexB)}},
                                                        {"failed", {"f"}},
                                                        {"warned", {"w1", "w2"}},
                                                        {"scan", {{"scanner", "x"}}}})
                                             .dump())
                              .value();
  EXPECT_EQ(FormatTime(verdict.expires_at.value()), "2026-11-08T10:00:00.000Z");
  EXPECT_THAT(verdict.reasons, ElementsAre("f", "w1", "w2"));
  const Digest layers[] = {A(), B()};
  EXPECT_THAT(verdict.subjects, ElementsAre(A(), ChainIdOf(layers).value()));
}

TEST(Statement, OneLayerIsItsOwnChainAndIsListedOnce) {
  const Json json = WithExtension({{"result", "PASSED"}, {"diffIDs", {Sha(kHexA)}}});
  EXPECT_THAT(ParseStatement(json.dump()).value().subjects, ElementsAre(A()));
}

TEST(Statement, SubjectsWithoutSha256AreLeftOutUnlessNoneIsLeft) {
  Json json = StatementJson();
  json["subject"].push_back({{"name", "x"}, {"digest", {{"gce_image_id", "123"}}}});
  json["subject"].push_back({{"digest", {{"sha256", kHexB}, {"sha512", "x"}}}});
  EXPECT_THAT(ParseStatement(json.dump()).value().subjects, ElementsAre(A(), B()));
  json["subject"] = Json::array({json["subject"][1]});
  EXPECT_THAT(ErrorOf(json), HasSubstr("names no image"));
  json["predicate"][kVerdictExtension] = {{"result", "PASSED"}, {"diffIDs", {Sha(kHexB)}}};
  EXPECT_THAT(ParseStatement(json.dump()).value().subjects, ElementsAre(B()));
}

TEST(Statement, ARevocationIsRead) {
  Json json = RevocationJson();
  Verdict verdict = ParseStatement(json.dump()).value();
  EXPECT_EQ(verdict.result, VerdictResult::kRevoked);
  EXPECT_EQ(FormatTime(verdict.time_verified), "2026-11-02T10:00:00.000Z");
  EXPECT_THAT(verdict.reasons, ElementsAre("stolen token"));
  EXPECT_THAT(verdict.revokes, IsEmpty());
  json["predicate"]["payloads"] = {kHexB};
  EXPECT_THAT(ParseStatement(json.dump()).value().revokes, ElementsAre(kHexB));
}

struct Bad {
  const char* path;   // JSON pointer
  const char* value;  // JSON; "" removes
  const char* message;
};

void ExpectRefused(const Json& good, std::initializer_list<Bad> cases) {
  ASSERT_EQ(ErrorOf(good), "read");
  for (const auto& [path, value, message] : cases) {
    Json json = good;
    const Json::json_pointer pointer(path);
    if (*value == '\0') {
      json.at(pointer.parent_pointer()).erase(pointer.back());
    } else {
      json[pointer] = Json::parse(value);
    }
    EXPECT_THAT(ErrorOf(json), HasSubstr(message)) << path << " = " << value;
  }
}

TEST(Statement, WhatIsNoSummaryIsRefusedWithItsReason) {
  ExpectRefused(
      StatementJson(),
      {
          {"/_type", "", "no \"_type\""},
          {"/_type", "\"https://in-toto.io/Statement/v2\"", "no in-toto statement"},
          {"/predicateType", "\"https://slsa.dev/verification_summary/v0.2\"", "no verdict"},
          {"/predicateType", "\"https://spdx.dev/Document\"", "no verdict"},
          {"/predicate", "\"text\"", "no \"predicate\""},
          {"/predicate", "", "no \"predicate\""},
          {"/subject", "", "no \"subject\""},
          {"/subject", "{}", "not a list"},
          {"/subject", "[]", "names no image"},
          {"/subject", "[null]", "no \"digest\""},
          {"/subject/0/digest", "", "no \"digest\""},
          {"/subject/0/digest", "{}", "names no image"},
          {"/subject/0/digest/sha256", "\"AAAA\"", "not 64 lower-case hex"},
          {"/subject/0/digest/sha256", "1", "must be a string"},
          {"/subject/0/digest/SHA256", "\"x\"", "would be read as"},
          {"/predicate/verifier", "", "no \"verifier\""},
          {"/predicate/verifier/id", "", "no \"id\""},
          {"/predicate/verifier/id", "\"\"", "is empty"},
          {"/predicate/timeVerified", "", "no \"timeVerified\""},
          {"/predicate/timeVerified", "\"yesterday\"", "not an RFC 3339 time"},
          {"/predicate/timeVerified", "\"2026-11-01\"", "not an RFC 3339 time"},
          {"/predicate/timeVerified", "1700000000", "must be a string"},
          {"/predicate/resourceUri", "", "no \"resourceUri\""},
          {"/predicate/resourceUri", "\"\"", "is empty"},
          {"/predicate/resourceURI", "\"x\"", "would be read as"},
          {"/predicate/verificationResult", "", "no \"verificationResult\""},
          {"/predicate/verificationResult", "\"passed\"", "not PASSED or FAILED"},
          {"/predicate/verificationResult", "true", "must be a string"},
          {"/predicate/VerificationResult", "\"PASSED\"", "would be read as"},
      });
}

TEST(Statement, AnExtensionThatWouldNotBeEnforcedIsRefused) {
  const std::string root = "/predicate/https:~1~1runward.dev~1image-verdict~1v1";
  Json json = WithExtension({{"result", "PASSED"}});
  const struct {
    const char* key;
    const char* value;
    const char* message;
  } cases[] = {
      {"/result", "\"OK\"", "not PASSED, WARN or FAILED"},
      {"/result", "null", "must be a string"},
      {"/expireAt", "\"2026-11-08T10:00:00Z\"", "unknown key \"expireAt\""},
      {"/expiresAt", "null", "must be a string"},
      {"/expiresAt", "\"soon\"", "not an RFC 3339 time"},
      {"/diffIDs", "[\"aa\"]", "lower-case hex"},
      {"/diffIDs", "\"x\"", "not a list"},
      {"/failed", "[1]", "must be a string"},
      {"/warned", "{}", "not a list"},
  };
  for (const auto& [key, value, message] : cases) {
    ExpectRefused(json, {{(root + key).c_str(), value, message}});
  }
  ExpectRefused(json, {{(root + "/result").c_str(), "", "no \"result\""},
                       {root.c_str(), "[]", "not an object"},
                       {root.c_str(), "null", "not an object"}});
}

TEST(Statement, ARevocationThatWouldRevokeNothingIsRefused) {
  ExpectRefused(RevocationJson(), {{"/predicate/timeRevoked", "", "no \"timeRevoked\""},
                                   {"/predicate/reason", "", "no \"reason\""},
                                   {"/predicate/payload", "[]", "unknown key \"payload\""},
                                   {"/predicate/payloads", "[\"abc\"]", "not 64 lower-case hex"},
                                   {"/predicate/payloads", "null", "not a list"}});
}

TEST(Statement, TextThatIsNotStrictJsonIsRefused) {
  const auto error = [](const std::string& text) { return ParseStatement(text).error().message; };
  EXPECT_THAT(error(""), HasSubstr("not valid JSON"));
  EXPECT_THAT(error("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(error("\xff"), HasSubstr("not valid JSON"));
  EXPECT_THAT(error(R"({"_type":"a","_type":"b"})"), HasSubstr("for the second time"));
  EXPECT_THAT(error(std::string(kMaxEnvelopeBytes + 1, ' ')), HasSubstr("larger than"));
}

TEST(Statement, ListsHaveTheirLimits) {
  Json json = StatementJson();
  while (json["subject"].size() < 256) json["subject"].push_back(json["subject"][0]);
  EXPECT_EQ(ErrorOf(json), "read");
  json["subject"].push_back(json["subject"][0]);
  EXPECT_THAT(ErrorOf(json), HasSubstr("257 entries"));
}

}  // namespace
}  // namespace runward::fixtures
