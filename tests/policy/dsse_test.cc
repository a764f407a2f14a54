#include "policy/dsse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/signing.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;

nlohmann::ordered_json EnvelopeJson() {
  return {{"payload", "aGk="},
          {"payloadType", "t"},
          {"signatures", {{{"keyid", "k"}, {"sig", "c2ln"}}}}};
}

nlohmann::ordered_json BundleJson() {
  return {{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
          {"verificationMaterial", {{"publicKey", {{"hint", "x"}}}}},
          {"dsseEnvelope", EnvelopeJson()}};
}

std::string ErrorOf(const std::string& text) {
  const Result<Envelope> envelope = ParseEnvelope(text);
  return envelope.ok() ? "read" : envelope.error().message;
}

TEST(Dsse, TheEncodingIsThatOfTheSpecification) {  // protocol.md, "Test Vectors"
  EXPECT_EQ(PreAuthEncoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(PreAuthEncoding("", std::string_view("\0 ", 2)), std::string("DSSEv1 0  2 \0 ", 14));
}

TEST(Dsse, AnEnvelopeIsRead) {
  const Envelope envelope = ParseEnvelope(EnvelopeJson().dump()).value();
  EXPECT_EQ(envelope.payload, "hi");
  EXPECT_EQ(envelope.payload_type, "t");
  ASSERT_EQ(envelope.signatures.size(), 1);
  EXPECT_EQ(envelope.signatures.front().keyid, "k");
  EXPECT_EQ(envelope.signatures.front().bytes, "sig");
}

TEST(Dsse, TheSameIsReadInsideABundleOfAnyVersion) {
  for (const char* type : {"application/vnd.dev.sigstore.bundle.v0.3+json",
                           "application/vnd.dev.sigstore.bundle+json;version=0.1",
                           "application/vnd.dev.sigstore.bundle+json;version=0.2"}) {
    auto json = BundleJson();
    json["mediaType"] = type;
    EXPECT_EQ(ParseEnvelope(json.dump()).value().payload, "hi") << type;
  }
}

TEST(Dsse, UnknownKeysAndAMissingKeyidAreNoMatter) {
  auto json = EnvelopeJson();
  json["extra"] = {{"payload", "b3RoZXI="}};
  json["signatures"][0].erase("keyid");
  json["signatures"][0]["x"] = 1;
  EXPECT_EQ(ParseEnvelope(json.dump()).value().payload, "hi");
}

TEST(Dsse, BothBase64AlphabetsMeanTheSameBytes) {
  for (const char* text : {"-_-_", "+/+/"}) {
    auto json = EnvelopeJson();
    json["payload"] = text;
    EXPECT_EQ(ParseEnvelope(json.dump()).value().payload, "\xfb\xff\xbf") << text;
  }
}

TEST(Dsse, WhatIsWrittenIsReadTheSame) {
  const Envelope envelope = {
      .payload_type = "t", .payload = std::string("\0\xff\"", 3), .signatures = {{"k", "\xfe"}}};
  const std::string line = FormatEnvelope(envelope);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const Envelope again = ParseEnvelope(line).value();
  EXPECT_EQ(again.payload, envelope.payload);
  EXPECT_EQ(again.signatures.front().bytes, "\xfe");
  EXPECT_EQ(FormatEnvelope(again), line);
}

TEST(Dsse, WhatIsNoEnvelopeIsRefusedWithItsReason) {
  const struct {
    const char* path;   // JSON pointer into the envelope
    const char* value;  // JSON; "" removes
    const char* message;
  } cases[] = {
      {"/payload", "", "no \"payload\""},
      {"/payloadType", "", "no \"payloadType\""},
      {"/signatures", "", "no signature"},
      {"/signatures", "[]", "no signature"},
      {"/signatures", "{\"sig\":\"c2ln\"}", "no signature"},
      {"/signatures/0", "\"c2ln\"", "not an object"},
      {"/signatures/0/sig", "", "no \"sig\""},
      {"/signatures/0/sig", "null", "must be a string"},
      {"/signatures/0/sig", "\"c2l\\n\"", "not base64"},
      {"/signatures/0/keyid", "1", "must be a string"},
      {"/payload", "\"aG k=\"", "not base64"},
      {"/payload", "\"-+-+\"", "not base64"},
      {"/payload", "\"aGl=\"", "not base64"},  // a stray bit: the same bytes in another text
      {"/payload", "[]", "must be a string"},
      {"/Payload", "\"aGk=\"", "would be read as \"payload\""},
      {"/payloadtype", "\"t\"", "would be read as \"payloadType\""},
      {"/mediaType", "\"application/json\"", "unknown media type"},
      {"/messageSignature", "{}", "no \"mediaType\""},
  };
  for (const auto& [path, value, message] : cases) {
    auto json = EnvelopeJson();
    const nlohmann::ordered_json::json_pointer pointer(path);
    if (*value == '\0') {
      json.at(pointer.parent_pointer()).erase(pointer.back());
    } else {
      json[pointer] = nlohmann::ordered_json::parse(value);
    }
    EXPECT_THAT(ErrorOf(json.dump()), HasSubstr(message)) << path << " = " << value;
  }
}

TEST(Dsse, TextThatIsNotStrictJsonIsRefused) {
  const std::string good = EnvelopeJson().dump();
  EXPECT_THAT(ErrorOf(""), HasSubstr("not valid JSON"));
  EXPECT_THAT(ErrorOf("no"), HasSubstr("not valid JSON"));
  EXPECT_THAT(ErrorOf(good + good), HasSubstr("text after the end"));
  EXPECT_THAT(ErrorOf(good.substr(0, good.size() - 1)), HasSubstr("not valid JSON"));
  EXPECT_THAT(ErrorOf(R"({"payload":"aGk=",)" + good.substr(1)),
              HasSubstr("key \"payload\" for the second time"));
  EXPECT_THAT(ErrorOf("[" + good + "]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(ErrorOf(std::string(100'000, '[')), HasSubstr("not valid JSON"));
  EXPECT_THAT(ErrorOf(std::string(kMaxEnvelopeBytes + 1, ' ')), HasSubstr("larger than"));
}

TEST(Dsse, ABundleHasOneReadingOnly) {
  auto json = BundleJson();
  json["payload"] = "b3RoZXI=";
  EXPECT_THAT(ErrorOf(json.dump()), HasSubstr("at once"));
  json = BundleJson();
  json["messageSignature"] = nlohmann::ordered_json::object();
  EXPECT_THAT(ErrorOf(json.dump()), HasSubstr("signs a file"));
  json = BundleJson();
  json["dsseEnvelope"]["signatures"].push_back({{"sig", "c2ln"}});
  EXPECT_THAT(ErrorOf(json.dump()), HasSubstr("exactly one"));
  json = BundleJson();
  json["dsseenvelope"] = EnvelopeJson();
  EXPECT_THAT(ErrorOf(json.dump()), HasSubstr("would be read as"));
}

TEST(Dsse, AnEnvelopeCarriesSixteenSignaturesAtMost) {
  auto json = EnvelopeJson();
  while (json["signatures"].size() < kMaxSignatures) json["signatures"].push_back({{"sig", ""}});
  EXPECT_EQ(ErrorOf(json.dump()), "read");
  json["signatures"].push_back({{"sig", ""}});
  EXPECT_THAT(ErrorOf(json.dump()), HasSubstr("17 signatures"));
}

}  // namespace
}  // namespace runward::fixtures
