#include "policy/policy.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/policy/policy_fixture.h"

namespace runward {
namespace {

using test::MemoryKeys;
using test::PolicyOf;
using test::PolicyWith;

constexpr int64_t kSecond = 1'000'000'000;

std::string ErrorOf(const std::string& text) {
  MemoryKeys keys;
  const auto policy = ParsePolicy(text, "/etc/runward/policy.json", keys);
  if (policy.ok()) return "";
  return policy.error().message + (policy.error().hint.empty() ? "" : " | " + policy.error().hint);
}

std::string ErrorOfProfile(const std::string& members) {
  return ErrorOf("{\"version\":1,\n\"profiles\":[{\"name\":\"p\"," + members + "}]}");
}

TEST(Policy, IsReadAsItStands) {
  const std::string text = R"(// keys first
    {"version": 1, /* trust */ "trust": [
      {"name": "ci", "key": "ci.pub", "images": ["a/*", "b"], "verifier": "https://ci",
       "notBefore": "2026-01-01", "notAfter": "2026-12-31"}],
    "profiles": [
      {"name": "web", "match": {"images": ["a/web*"]}, "mode": "audit", "restore": "allow",
       "verdict": {"maxAge": "36h", "warn": "deny", "expired": "grace", "grace": "2h",
                   "lapsed": {"stop": true, "grace": "1h"}}},
      {"name": "rest", "match": {},},
    ],
    "allowUnmatched": true, "unrecorded": "allow", "rootless": "allow",
    "events": {"required": false, "fdatasync": true, "rotateBytes": 70000, "keep": 3}})";
  const Policy policy = PolicyOf(text);
  ASSERT_EQ(policy.trust.size(), 1U);
  const TrustedKey& key = policy.trust[0];
  EXPECT_EQ(key.name, "ci");
  EXPECT_EQ(key.key.algorithm, KeyAlgorithm::kEd25519);
  EXPECT_EQ(key.key.bytes.size(), 32U);
  EXPECT_EQ(key.images, (std::vector<std::string>{"a/*", "b"}));
  EXPECT_EQ(key.verifier, "https://ci");
  EXPECT_EQ(key.not_before, ParseTime("2026-01-01T00:00:00Z"));
  EXPECT_EQ(key.not_after, ParseTime("2026-12-31T23:59:59.999999999Z"));

  ASSERT_EQ(policy.profiles.size(), 2U);
  const Profile& web = policy.profiles[0];
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.match.images, (std::vector<std::string_view>{"a/web*"}));
  EXPECT_EQ(web.mode, Mode::kAudit);
  EXPECT_TRUE(web.restore_allowed);
  EXPECT_TRUE(web.verdict.required);
  EXPECT_EQ(web.verdict.max_age_ns, 36 * 3600 * kSecond);
  EXPECT_FALSE(web.verdict.warn_allowed);
  EXPECT_EQ(web.verdict.expired, Lapse::kGrace);
  EXPECT_TRUE(web.verdict.stop_lapsed);
  EXPECT_EQ(web.verdict.stop_grace_ns, 3600 * kSecond);
  EXPECT_FALSE(policy.profiles[1].verdict.stop_lapsed);
  EXPECT_EQ(web.verdict.grace_ns, 2 * 3600 * kSecond);
  EXPECT_EQ(web.position.line, 6U);
  EXPECT_EQ(web.position.column, 7U);
  EXPECT_EQ(policy.profiles[1].position.line, 9U);

  EXPECT_TRUE(policy.allow_unmatched);
  EXPECT_TRUE(policy.unrecorded_allowed);
  EXPECT_TRUE(policy.rootless_allowed);
  EXPECT_FALSE(policy.events.required);
  EXPECT_TRUE(policy.events.fdatasync);
  EXPECT_EQ(policy.events.rotate_bytes, 70000);
  EXPECT_EQ(policy.events.keep, 3);
  EXPECT_EQ(policy.digest, Sha256Hex(text));
}

TEST(Policy, IsStrictWhereItIsSilent) {
  const Policy policy = PolicyOf(R"({"version":1,"profiles":[{"name":"p","match":{}}]})");
  const Profile& profile = policy.profiles.at(0);
  EXPECT_EQ(profile.mode, Mode::kEnforce);
  EXPECT_TRUE(profile.match.Everything());
  EXPECT_TRUE(profile.verdict.required);
  EXPECT_TRUE(profile.verdict.warn_allowed);
  EXPECT_EQ(profile.verdict.expired, Lapse::kDeny);
  EXPECT_FALSE(profile.restore_allowed);
  EXPECT_FALSE(policy.allow_unmatched);
  EXPECT_FALSE(policy.unrecorded_allowed);
  EXPECT_FALSE(policy.rootless_allowed);
  EXPECT_TRUE(policy.events.required);
  EXPECT_TRUE(policy.trust.empty());
}

TEST(Policy, StaysValidWhenItIsMoved) {
  Policy first = PolicyWith(R"({"name": "p", "match": {"images": ["x"]}})");
  const Policy second = std::move(first);
  EXPECT_EQ(second.profiles.at(0).name, "p");
  EXPECT_EQ(second.profiles.at(0).match.images.at(0), "x");
}

TEST(Policy, NamesFileLineAndColumnOfItsFirstProblem) {
  EXPECT_EQ(ErrorOf("{\"version\": 1,\n \"profiles\": [}"),
            "/etc/runward/policy.json:2:15: expected a value");
  EXPECT_EQ(ErrorOf("{\"version\": 1,\n  \"version\": 1, \"profiles\": []}"),
            "/etc/runward/policy.json:2:14: key \"version\" for the second time");
  EXPECT_EQ(ErrorOfProfile(R"("match":{}, "verdicts": {})"),
            "/etc/runward/policy.json:2:37: unknown key \"verdicts\" in the profile | did you mean "
            "\"verdict\"?");
  EXPECT_EQ(ErrorOf(""), "/etc/runward/policy.json:1:1: the text ends too early");
}

TEST(Policy, RefusesRulesThatWouldDoNothing) {
  const struct {
    const char* members;
    const char* message;
  } cases[] = {
      {R"("match":{},"verdict":{"expired":"grace"})", "does not say how long"},
      {R"("match":{},"verdict":{"grace":"1h"})", "\"grace\" has no effect"},
      {R"("match":{},"verdict":{"expired":"warn","grace":"1h"})", "\"grace\" has no effect"},
      {R"("match":{},"verdict":{"required":false,"maxAge":"1h"})", "have no effect"},
      {R"("match":{},"verdict":{"lapsed":{"grace":"1h"}})", "\"grace\" has no effect"},
      {R"("match":{},"verdict":{"lapsed":{"stop":false,"grace":"1h"}})", "has no effect"},
      {R"("match":{"rootfs":["/b"]},"verdict":{"required":true})", "no verdict can vouch"},
  };
  for (const auto& test : cases) {
    EXPECT_NE(ErrorOfProfile(test.members).find(test.message), std::string::npos) << test.members;
  }
  EXPECT_EQ(ErrorOfProfile(R"("match":{"rootfs":["/b"]})"), "");
  EXPECT_EQ(ErrorOfProfile(R"("match":{"rootfs":["/b"]},"verdict":{"required":false})"), "");
}

TEST(Policy, RefusesKeysItCannotUse) {
  const auto trust = [](const std::string& members) {
    return ErrorOf("{\"version\":1,\"profiles\":[],\n\"trust\":[" + members + "]}");
  };
  EXPECT_EQ(trust(R"({"name":"a","key":"gone.pub","images":["*"]})"),
            "/etc/runward/policy.json:2:28: key \"gone.pub\": there is no such key");
  EXPECT_NE(trust(R"({"name":"a","key":"torn.pub","images":["*"]})"), "");
  EXPECT_NE(trust(R"({"name":"a","key":"ci.pub"})").find("has no key \"images\""),
            std::string::npos);
  const std::string good = R"({"name":"a","key":"ci.pub","images":["*"])";
  EXPECT_EQ(trust(good + "}"), "");
  EXPECT_NE(trust(good + "}," + good + "}").find("second key named"), std::string::npos);
  EXPECT_NE(trust(good + R"(,"notBefore":"2026-02-02","notAfter":"2026-02-01"})").find("before"),
            std::string::npos);
  EXPECT_EQ(trust(good + R"(,"notBefore":"2026-02-02","notAfter":"2026-02-02"})"), "");
}

TEST(Policy, RefusesTwoProfilesOfOneName) {
  EXPECT_EQ(ErrorOf(R"({"version":1,"profiles":[
{"name":"b","match":{"images":["x"]}},
{"name":"a","match":{"images":["y"]}},
{"name":"b","match":{"images":["z"]}}]})"),
            "/etc/runward/policy.json:4:9: a second profile named \"b\"");
}

TEST(Policy, RefusesALaterLaxerProfileAtOnce) {
  const std::string found = ErrorOf(R"({"version":1,"profiles":[
{"name":"strict","match":{"images":["a/*"]}},
{"name":"lax","match":{"images":["a/b"]},"mode":"audit"}]})");
  EXPECT_TRUE(
      found.starts_with("/etc/runward/policy.json:3:1: profile \"lax\" is laxer than "
                        "profile \"strict\" (line 2) for the same images (a/b): mode"))
      << found;
}

TEST(Policy, RefusesTextThatIsTooLargeOrTooDeep) {
  EXPECT_NE(ErrorOf(std::string(kMaxPolicyBytes + 1, ' ')), "");
  EXPECT_NE(ErrorOf(std::string(1000, '[')).find("nested too deeply"), std::string::npos);
}

TEST(CheckPolicy, AProfileThatARuleNamesAsPeerMustBeThere) {
  test::MemoryKeys keys;
  const auto problems = CheckPolicy(R"({"version":1,"trust":[],"profiles":[
    {"name":"db","match":{"images":["r.example/db:*"]},"network":{"ingress":{"default":"deny",
      "allow":[{"from":["profile:web","profile:wbe","image:any/*"]}]}}},
    {"name":"web","match":{"images":["r.example/web:*"]}}]})",
                                    keys);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].message, "there is no profile \"wbe\"");
  EXPECT_EQ(problems[0].hint, "did you mean \"profile:web\"?");
  EXPECT_EQ(problems[0].position.line, 3U);
}

TEST(CheckPolicy, ReportsEveryProblem) {
  MemoryKeys keys;
  const auto problems = CheckPolicy(R"({"version":1,"trust":[
{"name":"a","key":"gone.pub","images":["*"]}],"profiles":[
{"name":"x","match":{}},
{"name":"x","match":{},"mode":"audit"}]})",
                                    keys);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].position.line, 2U);
  EXPECT_EQ(problems[1].position.line, 4U);
  EXPECT_EQ(problems[2].position.line, 4U);
  EXPECT_TRUE(CheckPolicy(R"({"version":1,"profiles":[]})", keys).empty());
}

}  // namespace
}  // namespace runward
