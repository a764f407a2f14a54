#include "tools/verdict_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/signing.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Time kNow = ParseTime("2026-11-05T00:00:00Z").value();

TEST(VerdictView, ShowsWhatIsSignedAndByWhom) {
  const Ed25519Signer signer('a');
  auto json = StatementJson();
  json["predicate"][kVerdictExtension] = {
      {"result", "WARN"}, {"expiresAt", "2026-11-04T00:00:00Z"}, {"warned", {"w\x1b"}}};
  const auto view = ViewOf(SignedText(signer, json), {Trusted("ci", signer.key())});
  const std::string text = Describe(view, kNow);
  for (const char* part : {"WARN, expired", "registry.example.com/web/app:1.2",
                           "2026-11-01T10:00:00.000Z", "key \"ci\"", "w\\u001b"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, HasSubstr("sha256:" + std::string(kHexA)));
}

TEST(VerdictView, ShowsAStrangersClaimAsUntrusted) {
  const auto view = ViewOf(SignedText(Ed25519Signer('x'), StatementJson()),
                           {Trusted("ci", Ed25519Signer('a').key())});
  EXPECT_FALSE(view.checked.verdict);
  EXPECT_TRUE(view.claimed);
  EXPECT_THAT(Describe(view, kNow), HasSubstr("NOT TRUSTED: no trusted key"));
}

TEST(VerdictView, ShowsARevocationsReachAndReason) {
  auto json = RevocationJson();
  const Ed25519Signer signer('a');
  const std::vector<TrustedKey> trust = {Trusted("ci", signer.key())};
  EXPECT_THAT(Describe(ViewOf(SignedText(signer, json), trust), kNow),
              HasSubstr("all verdicts until then"));
  json["predicate"]["payloads"] = {kHexB};
  const std::string text = Describe(ViewOf(SignedText(signer, json), trust), kNow);
  EXPECT_THAT(text, HasSubstr(kHexB));
  EXPECT_THAT(text, Not(HasSubstr("all verdicts")));
  EXPECT_THAT(text, HasSubstr("stolen token"));
}

TEST(VerdictView, ShowsWhatCannotBeRead) {
  EXPECT_THAT(Describe(ViewOf("x", {}), kNow), HasSubstr("not valid JSON"));
  auto json = StatementJson();
  json["predicateType"] = "https://spdx.dev/Document";
  EXPECT_THAT(Describe(ViewOf(SignedText(Ed25519Signer('a'), json), {}), kNow),
              HasSubstr("no verdict"));
}

}  // namespace
}  // namespace runward::fixtures
