#include "policy/weigh.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/policy/verdict_fixture.h"

namespace runward {
namespace {

using test::Bad;
using test::DigestOf;
using test::kHour;
using test::kNow;
using test::Passed;
using test::Signed;
using enum VerdictResult;

CheckedEnvelope Failed(int64_t hours_ago) { return Signed(kFailed, hours_ago, '1'); }
CheckedEnvelope Revoked(int64_t hours_ago) { return Signed(kRevoked, hours_ago, '1'); }
CheckedEnvelope Warned(int64_t hours_ago) { return Signed(kWarned, hours_ago, '1'); }
CheckedEnvelope Expiring(CheckedEnvelope envelope, int64_t hours_ago) {
  envelope.verdict->expires_at = test::HoursAgo(hours_ago);
  return envelope;
}
CheckedEnvelope WithPayload(CheckedEnvelope envelope, const std::string& payload) {
  envelope.payload_sha256 = payload;
  return envelope;
}
CheckedEnvelope Revoking(CheckedEnvelope envelope, const std::string& payload) {
  envelope.verdict->revokes = {payload};
  return envelope;
}

Weighed WeighAll(std::vector<CheckedEnvelope> envelopes, const VerdictRule& rule = {},
                 const std::vector<std::string_view>& names = {}) {
  const Digest digest = DigestOf('1');
  std::vector<FiledEnvelope> filed;
  for (const CheckedEnvelope& envelope : envelopes) filed.push_back({&envelope, &digest});
  Weighed weighed = Weigh(rule, "web", filed, names, kNow);
  weighed.decided = nullptr;  // it does not outlive this call
  // In whatever order a file holds them, the result is the same.
  std::ranges::reverse(filed);
  const Weighed turned = Weigh(rule, "web", filed, names, kNow);
  EXPECT_EQ(weighed.rule, turned.rule);
  EXPECT_EQ(weighed.allowed, turned.allowed);
  return weighed;
}

// "+rule" when allowed, "-rule" when not, "!" in front when it comes with a warning.
std::string Rule(std::vector<CheckedEnvelope> envelopes, const VerdictRule& rule = {},
                 const std::vector<std::string_view>& names = {}) {
  const Weighed weighed = WeighAll(std::move(envelopes), rule, names);
  return (weighed.warning.empty() ? "" : "!") + std::string(weighed.allowed ? "+" : "-") +
         weighed.rule;
}

TEST(Weigh, AllowsAFreshPassedVerdict) {
  EXPECT_EQ(Rule({Passed(1)}), "+verdict.passed");
  EXPECT_EQ(Rule({Failed(2), Passed(1)}), "+verdict.passed");
  EXPECT_EQ(Rule({Bad("verdict.untrusted"), Passed(1)}), "+verdict.passed");
  EXPECT_EQ(Rule({Warned(2), Passed(1)}), "+verdict.passed");
  EXPECT_EQ(Rule({Expiring(Passed(1), -1)}), "+verdict.passed");
}

TEST(Weigh, LetsTheNewestDecide) {
  EXPECT_EQ(Rule({Passed(2), Failed(1)}), "-verdict.failed");
  EXPECT_EQ(Rule({Passed(1), Failed(1)}), "-verdict.failed");
  EXPECT_EQ(Rule({Passed(3), Failed(2), Passed(1)}), "+verdict.passed");
  EXPECT_EQ(Rule({Failed(3), Passed(2), Failed(1)}), "-verdict.failed");
  EXPECT_EQ(Rule({Passed(2), Warned(1)}), "!+verdict.warned");
  EXPECT_EQ(Rule({Passed(1), Warned(1)}), "!+verdict.warned");
  EXPECT_EQ(Rule({Expiring(Passed(2), -9), Expiring(Passed(1), 0), Expiring(Passed(1), 1)}),
            "-verdict.expired")
      << "an older one does not stand in for a newer that has expired";
}

TEST(Weigh, RefusesWithoutAVerdict) {
  EXPECT_EQ(Rule({}), "-verdict.missing");
  EXPECT_EQ(WeighAll({}).clause, "has no verdict");
}

TEST(Weigh, SaysWhichOfTheRefusedCameNearest) {
  CheckedEnvelope other = Passed(1, '5');
  EXPECT_EQ(Rule({Bad("verdict.malformed")}), "-verdict.malformed");
  EXPECT_EQ(Rule({Bad("verdict.malformed"), Bad("verdict.untrusted")}), "-verdict.untrusted");
  EXPECT_EQ(Rule({Bad("verdict.untrusted"), other}), "-verdict.wrong-image");
  EXPECT_EQ(Rule({other, Bad("verdict.key-window")}), "-verdict.key-window");
  EXPECT_EQ(Rule({Bad("verdict.key-window"), Passed(-1)}), "-verdict.future");
  EXPECT_EQ(WeighAll({Bad("verdict.changed", "its payload\nchanged")}).clause,
            "has no acceptable verdict: its payload?changed");
}

TEST(Weigh, RefusesAVerdictFromTheFutureBeyondTheSkew) {
  CheckedEnvelope skewed = Passed(0);
  skewed.verdict->time_verified.ns += kClockSkewNs;
  EXPECT_EQ(Rule({skewed}), "+verdict.passed");
  skewed.verdict->time_verified.ns += 1;
  EXPECT_EQ(Rule({skewed}), "-verdict.future");
  EXPECT_EQ(Rule({skewed, Passed(1)}), "+verdict.passed");
  skewed.verdict->time_verified.ns = INT64_MAX;
  EXPECT_EQ(Rule({skewed}, {.max_age_ns = kHour}), "-verdict.future");
}

TEST(Weigh, LetsADenialCountWhateverTheClockSays) {
  EXPECT_EQ(Rule({Failed(-100), Passed(1)}), "-verdict.failed");
  EXPECT_EQ(Rule({Revoked(-100), Passed(1)}), "-verdict.revoked");
}

TEST(Weigh, HeedsRevocations) {
  EXPECT_EQ(Rule({Passed(2), Revoked(1)}), "-verdict.revoked");
  EXPECT_EQ(Rule({Passed(1), Revoked(1)}), "-verdict.revoked");
  EXPECT_EQ(Rule({Passed(1), Revoked(2)}), "+verdict.passed") << "verified anew since";
  EXPECT_EQ(Rule({Revoked(1)}), "-verdict.revoked");
  const CheckedEnvelope first = WithPayload(Passed(2), "aa");
  const CheckedEnvelope second = WithPayload(Passed(1), "bb");
  EXPECT_EQ(Rule({first, second, Revoking(Revoked(0), "bb")}), "+verdict.passed");
  EXPECT_EQ(Rule({second, Revoking(Revoked(9), "bb")}), "-verdict.revoked");
  EXPECT_EQ(Rule({second, Revoking(Revoked(0), "cc")}), "+verdict.passed");
  EXPECT_EQ(Rule({Revoking(Revoked(0), "cc")}), "-verdict.missing");
}

TEST(Weigh, IgnoresARevocationOfAnotherImage) {
  EXPECT_EQ(Rule({Passed(2), Signed(kRevoked, 1, '5')}), "+verdict.passed");
  EXPECT_EQ(Rule({Passed(2), Signed(kFailed, 1, '5')}), "+verdict.passed");
}

TEST(Weigh, TakesPermissionOnlyUnderANameOfTheProfile) {
  const CheckedEnvelope dev = Signed(kPassed, 1, '1', "dev/web", "laptop");
  EXPECT_EQ(Rule({dev}, {}, {"r/*"}), "-verdict.other-name");
  EXPECT_EQ(Rule({dev, Failed(2)}, {}, {"r/*"}), "-verdict.failed");
  EXPECT_EQ(Rule({dev, Passed(2)}, {}, {"x", "r/*"}), "+verdict.passed");
  EXPECT_EQ(Rule({Signed(kFailed, 1, '1', "dev/web"), Passed(2)}, {}, {"r/*"}), "-verdict.failed");
}

TEST(Weigh, WarnsOrRefusesAsThePolicySays) {
  EXPECT_EQ(Rule({Warned(1)}), "!+verdict.warned");
  EXPECT_EQ(Rule({Warned(1)}, {.warn_allowed = false}), "-verdict.warned");
  EXPECT_EQ(Rule({Passed(2), Warned(1)}, {.warn_allowed = false}), "-verdict.warned");
}

TEST(Weigh, KnowsExpiryAndAge) {
  const VerdictRule week = {.max_age_ns = 168 * kHour};
  EXPECT_EQ(Rule({Passed(168)}, week), "+verdict.passed");
  EXPECT_EQ(Rule({Passed(169)}, week), "-verdict.stale");
  EXPECT_EQ(Rule({Expiring(Passed(9), 0)}), "+verdict.passed");
  EXPECT_EQ(Rule({Expiring(Passed(9), 1)}), "-verdict.expired");
  EXPECT_EQ(Rule({Expiring(Passed(169), -5)}, week), "-verdict.stale") << "expiresAt only narrows";
  EXPECT_EQ(Rule({Passed(400'000)}), "+verdict.passed") << "no limit unless the policy sets one";
}

TEST(Weigh, DeniesWarnsOrGivesAGraceAfterExpiry) {
  const VerdictRule warn = {.expired = Lapse::kWarn};
  const VerdictRule grace = {
      .max_age_ns = 168 * kHour, .expired = Lapse::kGrace, .grace_ns = 48 * kHour};
  EXPECT_EQ(Rule({Expiring(Passed(900), 800)}, warn), "!+verdict.expired");
  EXPECT_EQ(Rule({Passed(168 + 48)}, grace), "!+verdict.stale");
  EXPECT_EQ(Rule({Passed(168 + 49)}, grace), "-verdict.stale");
  EXPECT_EQ(Rule({Expiring(Passed(60), 48)}, grace), "!+verdict.expired");
  EXPECT_EQ(Rule({Expiring(Passed(60), 49)}, grace), "-verdict.expired");
  EXPECT_EQ(Rule({Expiring(Passed(60), 49), Failed(70)}, warn), "!+verdict.expired");
  EXPECT_EQ(Rule({Expiring(Passed(60), 49), Failed(1)}, warn), "-verdict.failed");
  EXPECT_NE(WeighAll({Expiring(Passed(60), 24)}, grace).warning.find("another 1d of grace"),
            std::string::npos);
}

TEST(Weigh, StillHeedsADenialWhereNoVerdictIsRequired) {
  const VerdictRule none = {.required = false};
  EXPECT_EQ(Rule({}, none), "+verdict.not-required");
  EXPECT_EQ(Rule({Bad("verdict.untrusted")}, none), "+verdict.not-required");
  EXPECT_EQ(Rule({Expiring(Passed(9), 1)}, none), "+verdict.not-required");
  EXPECT_EQ(Rule({Passed(1)}, none), "+verdict.passed");
  EXPECT_EQ(Rule({Failed(1)}, none), "-verdict.failed");
  EXPECT_EQ(Rule({Revoked(1)}, none), "-verdict.revoked");
}

TEST(Weigh, SaysWhoDecidedAndWhy) {
  CheckedEnvelope failed = Failed(0);
  failed.verdict->reasons = {"CVE-1", "CVE-2\n", "no such file", "CVE-4", "CVE-5"};
  EXPECT_EQ(WeighAll({failed}).clause,
            "failed its verification (2027-01-15T08:00:00.000Z, key \"ci\"): CVE-1, CVE-2?, "
            "no-such-file and 2 more");
}

TEST(Weigh, IsQuickWithAsManyEnvelopesAsAFileCanHold) {
  std::vector<CheckedEnvelope> envelopes;
  for (int i = 0; i < 3000; ++i) {
    envelopes.push_back(WithPayload(Passed(i), std::to_string(i)));
    envelopes.push_back(Revoking(Revoked(1), "x"));
  }
  EXPECT_EQ(Rule(std::move(envelopes)), "+verdict.passed");
}

}  // namespace
}  // namespace runward
