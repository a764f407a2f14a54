#include "registry/artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace runward {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

Descriptor Some(char fill, const std::string& type = "x") {
  return {.media_type = type,
          .digest = Digest::FromHex(std::string(64, fill)).value(),
          .size = 7,
          .artifact_type = std::string(kBundleType),
          .predicate_type = "https://example.com/p"};
}

std::string Entry(char fill, const std::string& more = "") {
  return R"({"mediaType":"x","size":7,"digest":"sha256:)" + std::string(64, fill) + "\"" + more +
         "}";
}

TEST(Manifest, OfAnImageAndOfAnIndex) {
  const auto image = ParseManifest(R"({"mediaType":"m","config":)" + Entry('a') + R"(,"layers":[)" +
                                   Entry('b', R"(,"annotations":{"predicateType":"p"})") +
                                   R"(,{"digest":"sha512:00"}]})");
  ASSERT_TRUE(image.ok());
  EXPECT_FALSE(image.value().index);
  EXPECT_EQ(image.value().config->digest, Some('a').digest);
  ASSERT_EQ(image.value().layers.size(), 1);  // what has no SHA-256 is not there for us
  EXPECT_EQ(image.value().layers[0].predicate_type, "p");
  const auto index = ParseManifest(
      R"({"manifests":[)" +
      Entry('c', R"(,"artifactType":"t","annotations":{"dev.sigstore.bundle.predicateType":"q"})") +
      "]}");
  ASSERT_TRUE(index.ok() && index.value().index);
  EXPECT_EQ(index.value().manifests[0].artifact_type, "t");
  EXPECT_EQ(index.value().manifests[0].predicate_type, "q");
}

TEST(Manifest, WhatIsNeitherOrBothIsRefused) {
  for (const char* text : {"", "null", "[]", "{}", R"({"layers":[],"manifests":[]})",
                           R"({"layers":{}})", R"({"layers":[],"layers":[]})"}) {
    EXPECT_FALSE(ParseManifest(text).ok()) << text;
  }
  std::string many = R"({"layers":[{})";
  for (size_t i = 0; i < kMaxDescriptors; ++i) many += ",{}";
  EXPECT_THAT(ParseManifest(many + "]}").error().message, HasSubstr("more than the 1000"));
}

TEST(Bundle, HoldsTheEnvelopeAndIsReadBack) {
  const Envelope envelope{.payload_type = std::string(kStatementType),
                          .payload = "{}",
                          .signatures = {{.keyid = "SHA256:x", .bytes = "signed"}}};
  const std::string bundle = FormatBundle(envelope);
  const auto read = ParseEnvelope(bundle);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(FormatEnvelope(read.value()), FormatEnvelope(envelope));
  EXPECT_EQ(Json::parse(bundle)["verificationMaterial"]["publicKey"]["hint"], "SHA256:x");
}

TEST(Referrer, RefersToItsSubject) {
  const Json json = Json::parse(FormatReferrer(Some('a'), Some('b'), "p", "2026-01-01T00:00:00Z"));
  EXPECT_EQ(json["subject"]["digest"], Some('a').digest.text());
  EXPECT_EQ(json["layers"][0]["digest"], Some('b').digest.text());
  EXPECT_EQ(json["artifactType"], kBundleType);
  // image-spec manifest.md: the empty descriptor.
  EXPECT_EQ(json["config"]["digest"],
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

TEST(ReferrersTag, KeepsWhatIsThere) {
  const auto first = AppendReferrer("", Some('a'), "t");
  ASSERT_TRUE(first.ok() && first.value());
  const auto second = AppendReferrer(
      R"({"manifests":[)" + Entry('f', R"(,"annotations":{"theirs":"1"},"more":[1])") + "]}",
      Some('a'), "t");
  const Json json = Json::parse(*second.value());
  ASSERT_EQ(json["manifests"].size(), 2);
  EXPECT_EQ(json["manifests"][0]["more"], Json::array({1}));
  EXPECT_EQ(json["manifests"][1]["artifactType"], kBundleType);
  const auto again = AppendReferrer(*second.value(), Some('a'), "t");
  EXPECT_TRUE(again.ok() && !again.value());
  EXPECT_FALSE(AppendReferrer(R"({"layers":[]})", Some('a'), "t").ok());
  EXPECT_FALSE(AppendReferrer("junk", Some('a'), "t").ok());
}

TEST(Attestations, AreLayersWithTheirConfig) {
  const auto made = AppendAttestation(R"({"config":{},"layers":[)" + Entry('f') + "]}", Some('a'));
  ASSERT_TRUE(made.ok() && made.value());
  const Json json = Json::parse(made.value()->text);
  EXPECT_EQ(json["config"]["digest"], "sha256:" + Sha256Hex(made.value()->config));
  ASSERT_EQ(json["layers"].size(), 2);
  EXPECT_EQ(json["layers"][1]["annotations"]["predicateType"], "https://example.com/p");
  EXPECT_EQ(Json::parse(made.value()->config)["rootfs"]["diff_ids"],
            Json::array({Some('f').digest.text(), Some('a').digest.text()}));
  const auto again = AppendAttestation(made.value()->text, Some('a'));
  EXPECT_TRUE(again.ok() && !again.value());
  EXPECT_FALSE(AppendAttestation(R"({"manifests":[]})", Some('a')).ok());
}

}  // namespace
}  // namespace runward
