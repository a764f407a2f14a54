#include "policy/decide.h"

#include <gtest/gtest.h>

#include "tests/policy/verdict_fixture.h"

namespace runward {
namespace {

using test::Bad;
using test::DigestOf;
using test::DigestText;
using test::Image;
using test::kNow;
using test::Passed;
using test::PolicyWith;
using test::Signed;
using enum VerdictResult;

const std::string kWeb = R"({"name": "web", "match": {"images": ["r/web*"]}})";
const std::string kAll = R"({"name": "all", "match": {}})";
const std::string kAudit = R"({"name": "all", "match": {}, "mode": "audit"})";

using Found = std::vector<FoundEnvelopes>;
FoundEnvelopes At(char digest, std::vector<CheckedEnvelope> envelopes) {
  return {DigestOf(digest), std::move(envelopes)};
}

// "+rule profile", with '-' for denied and '?' for would be denied.
std::string Short(const Decision& decision) {
  constexpr char kSigns[] = {'+', '?', '-'};
  return kSigns[static_cast<size_t>(decision.outcome)] + decision.rule +
         (decision.profile.empty() ? "" : " " + decision.profile);
}
std::string Of(const Policy& policy, const Found& found, const ImageEvidence& image = Image(),
               Start start = Start::kCreate) {
  return Short(Decide(policy, image, found, start, kNow));
}

TEST(Decide, AllowsWhatATrustedKeyVerified) {
  const Policy policy = PolicyWith(kWeb + "," + kAll);
  EXPECT_EQ(Of(policy, {At('1', {Passed(1)})}), "+verdict.passed web");
  EXPECT_EQ(Of(policy, {At('c', {Passed(1, 'c')})}), "+verdict.passed web");
  const Decision decision = Decide(policy, Image(), {At('1', {Passed(1)})}, Start::kCreate, kNow);
  EXPECT_EQ(decision.image, "r/web");
  EXPECT_EQ(decision.key, "ci");
  EXPECT_EQ(decision.verdict_sha256, std::string(63, '0') + "1");
  EXPECT_EQ(decision.mode, Mode::kEnforce);
}

TEST(Decide, RefusesAndSaysWhatHelps) {
  const Decision decision = Decide(PolicyWith(kAll), Image(), {}, Start::kCreate, kNow);
  EXPECT_EQ(Short(decision), "-verdict.missing all");
  EXPECT_EQ(decision.reason, "image \"user/name:1\" (" + DigestText('1') + ") has no verdict");
  EXPECT_EQ(decision.hint, "runwardctl policy explain --chain " + DigestText('1'));
  const Decision failed =
      Decide(PolicyWith(kAll), Image(), {At('1', {Signed(kFailed, 1, '1')})}, Start::kCreate, kNow);
  EXPECT_EQ(Short(failed), "-verdict.failed all");
  EXPECT_EQ(failed.hint, "runwardctl verdict show " + DigestText('1'));
}

TEST(Decide, LogsInAuditWhatItWouldDeny) {
  EXPECT_EQ(Of(PolicyWith(kAudit), {}), "?verdict.missing all");
  EXPECT_EQ(Of(PolicyWith(kAudit), {At('1', {Signed(kFailed, 1, '1')})}), "?verdict.failed all");
  EXPECT_EQ(Of(PolicyWith(kAudit), {At('1', {Passed(1)})}), "+verdict.passed all");
}

TEST(Decide, RefusesWhatNoProfileMatches) {
  EXPECT_EQ(Of(PolicyWith(kWeb), {}), "-image.unmatched");
  EXPECT_EQ(Of(PolicyWith(""), {At('1', {Passed(1)})}), "-image.unmatched");
  const std::string unmatched = "\"allowUnmatched\": true,";
  EXPECT_EQ(Of(PolicyWith(kWeb, unmatched), {}), "+image.unmatched");
  EXPECT_EQ(Of(PolicyWith("", unmatched), {At('1', {Signed(kFailed, 1, '1')})}), "-verdict.failed");
}

TEST(Decide, IsNotMovedByTheNameSomebodyGave) {
  const Policy policy =
      PolicyWith(R"({"name": "trial", "match": {"images": ["user/*"]}, "mode": "audit"},)" + kAll);
  EXPECT_EQ(Of(policy, {}), "-verdict.missing all");
  EXPECT_EQ(Of(policy, {At('1', {Bad("verdict.untrusted")})}), "-verdict.untrusted all");
  EXPECT_EQ(Of(policy, {At('1', {Signed(kPassed, 1, '1', "user/name:1")})}),
            "+verdict.passed trial");
}

TEST(Decide, TakesNoNameFromAVerdictAboutAnotherImage) {
  const Policy policy = PolicyWith(kWeb + "," + kAll);
  EXPECT_EQ(Of(policy, {At('1', {Passed(1, '5')})}), "-verdict.wrong-image all");
  EXPECT_EQ(Of(policy, {At('c', {Passed(1, '1')})}), "-verdict.wrong-image all")
      << "filed under the config, about the chain";
}

TEST(Decide, HoldsAProfilesImagesToVerdictsUnderItsNames) {
  // The laptop's key may vouch for dev names only; it cannot pass what the pipeline failed.
  const Policy policy = PolicyWith(kWeb + "," + kAll);
  const Found found = {
      At('1', {Signed(kFailed, 2, '1'), Signed(kPassed, 1, '1', "dev/web", "laptop")})};
  EXPECT_EQ(Of(policy, found), "-verdict.failed web");
}

TEST(Decide, DemandsAPassOfEveryConfigThatItMayBe) {
  ImageEvidence image = Image();
  image.configs = {DigestOf('c'), DigestOf('d')};
  image.config_certain = false;
  const Policy policy = PolicyWith(kAll);
  EXPECT_EQ(Of(policy, {At('c', {Passed(1, 'c')})}, image), "-verdict.missing all");
  EXPECT_EQ(Of(policy, {At('c', {Passed(1, 'c')}), At('d', {Passed(1, 'd')})}, image),
            "+verdict.passed all");
  EXPECT_EQ(Of(policy, {At('1', {Passed(1)})}, image), "+verdict.passed all");
  EXPECT_EQ(Of(policy, {At('1', {Passed(2)}), At('d', {Signed(kFailed, 1, 'd')})}, image),
            "-verdict.failed all");
  image.configs = {DigestOf('c')};
  EXPECT_EQ(Of(policy, {At('c', {Passed(1, 'c')})}, image), "+verdict.passed all");
  image.configs = {};
  EXPECT_EQ(Of(policy, {At('c', {Passed(1, 'c')})}, image), "-verdict.missing all");
}

TEST(Decide, GivesEveryConfigItsOwnProfile) {
  // A name signed for one config does not move the other into an audited profile.
  ImageEvidence image = Image();
  image.configs = {DigestOf('c'), DigestOf('d')};
  const Policy policy =
      PolicyWith(R"({"name": "dev", "match": {"images": ["dev/*"]}, "mode": "audit"},)" + kAll);
  EXPECT_EQ(Of(policy, {At('c', {Signed(kPassed, 1, 'c', "dev/x")})}, image),
            "-verdict.missing all");
}

TEST(Decide, AllowsAPauseImageByItsChain) {
  const Policy policy = PolicyWith(
      R"({"name": "pause", "match": {"chains": ["@1"]}, "verdict": {"required": false}},)" + kAll);
  EXPECT_EQ(Of(policy, {}), "+verdict.not-required pause");
  EXPECT_EQ(Of(policy, {At('1', {Signed(kRevoked, 1, '1')})}), "-verdict.revoked pause");
  ImageEvidence upon = Image();
  upon.chain = DigestOf('3');
  upon.prefixes = {DigestOf('1'), DigestOf('3')};
  EXPECT_EQ(Of(policy, {}, upon), "-verdict.missing all") << "a layer upon it is another image";
}

TEST(Decide, JudgesBuildLayersByTheirBase) {
  const std::string match = R"({"name": "builds", "match": {"baseChains": ["@2"]})";
  const Policy required = PolicyWith(match + "}," + kAll);
  const Policy open = PolicyWith(match + R"(, "verdict": {"required": false}},)" + kAll);
  const Found base = {At('2', {Passed(1, '2')})};
  EXPECT_EQ(Of(required, base), "+verdict.passed builds");
  EXPECT_EQ(Of(required, {}), "-verdict.missing builds");
  EXPECT_EQ(Of(required, {At('2', {Signed(kFailed, 1, '2')})}), "-verdict.failed builds");
  EXPECT_EQ(Of(open, {}), "+verdict.not-required builds");
  EXPECT_EQ(Of(open, {At('2', {Signed(kRevoked, 1, '2')})}), "-verdict.revoked builds");
  EXPECT_EQ(Of(required, {At('2', {Passed(0, '2')}), At('1', {Signed(kFailed, 1, '1')})}),
            "-verdict.failed builds")
      << "what is said of the image itself goes first";
  EXPECT_EQ(Of(required, {At('1', {Passed(1)})}), "+verdict.passed builds");
  ImageEvidence other = Image();
  other.prefixes = {DigestOf('7'), DigestOf('1')};
  EXPECT_EQ(Of(required, base, other), "-verdict.missing all");
}

TEST(Decide, RefusesABundleUnlessItsPathIsListed) {
  const ImageEvidence bundle = {
      .unsigned_name = "user/name", .rootfs = "/srv/b", .why = "it is a plain directory"};
  const std::string listed = R"({"name": "bundles", "match": {"rootfs": ["/srv/b"]}},)";
  EXPECT_EQ(Of(PolicyWith(listed + kAll), {}, bundle), "+rootfs.listed bundles");
  EXPECT_EQ(Of(PolicyWith(kAll), {}, bundle), "-image.unidentified all");
  EXPECT_EQ(Of(PolicyWith(kAudit), {}, bundle), "?image.unidentified all");
  EXPECT_EQ(Of(PolicyWith(kWeb), {}, bundle), "-image.unidentified");
  EXPECT_EQ(Of(PolicyWith(kWeb, "\"allowUnmatched\": true,"), {}, bundle), "-image.unidentified");
  const std::string open = R"({"name": "all", "match": {}, "verdict": {"required": false}})";
  EXPECT_EQ(Of(PolicyWith(open), {}, bundle), "-image.unidentified all");
  const Decision decision = Decide(PolicyWith(kAll), bundle, {}, Start::kCreate, kNow);
  EXPECT_EQ(decision.reason,
            "the root filesystem \"/srv/b\" has no image identity: it is a plain directory");
  EXPECT_NE(decision.hint.find("list the path"), std::string::npos);
  ImageEvidence exposed = bundle;
  exposed.rootfs.clear();
  const Decision other = Decide(PolicyWith(kAll), exposed, {}, Start::kCreate, kNow);
  EXPECT_EQ(other.hint.find("list the path"), std::string::npos);
}

TEST(Decide, RestoresOnlyWhereAProfileSaysSo) {
  const std::string allowed = R"({"name": "all", "match": {}, "restore": "allow"})";
  const Found found = {At('1', {Passed(1)})};
  const auto restore = [&](const Policy& policy, const Found& envelopes) {
    return Of(policy, envelopes, Image(), Start::kRestore);
  };
  EXPECT_EQ(restore(PolicyWith(kAll), found), "-restore.controls all");
  EXPECT_EQ(restore(PolicyWith(kAudit), found), "?restore.controls all");
  EXPECT_EQ(restore(PolicyWith(allowed), found), "+verdict.passed all");
  EXPECT_EQ(restore(PolicyWith(allowed), {}), "-verdict.missing all");
  EXPECT_EQ(restore(PolicyWith(kWeb, "\"allowUnmatched\": true,"), {}), "-restore.controls");
}

TEST(Decide, WarnsInWordsOfThePolicy) {
  const Decision decision =
      Decide(PolicyWith(kAll), Image(), {At('1', {Signed(kWarned, 1, '1')})}, Start::kCreate, kNow);
  EXPECT_EQ(Short(decision), "+verdict.warned all");
  ASSERT_EQ(decision.warnings.size(), 1U);
  EXPECT_EQ(decision.warnings[0],
            "image \"r/web\" (" + DigestText('1') + ") passed its verification with warnings");
}

TEST(Decide, SaysWhetherExactlyThisImageIsVouchedFor) {
  const auto vouched = [](const std::string& profiles, const Found& found) {
    return Decide(PolicyWith(profiles), Image(), found, Start::kCreate, kNow).vouched_for;
  };
  const Found passed = {At('1', {Passed(1)})};
  EXPECT_TRUE(vouched(kWeb, passed));
  EXPECT_TRUE(vouched(kAll, passed));
  EXPECT_TRUE(vouched(kAudit, passed));
  EXPECT_TRUE(vouched(R"({"name": "p", "match": {"chains": [")" + DigestText('1') +
                          R"("]}, "verdict": {"required": false}})",
                      {}));
  EXPECT_FALSE(vouched(kAudit, {}));
  EXPECT_FALSE(vouched(kAll, {At('1', {Signed(kFailed, 1, '1')})}));
  EXPECT_FALSE(vouched(R"({"name": "p", "match": {}, "verdict": {"required": false}})", {}));
  // By the name that somebody gave it, in audit mode.
  EXPECT_FALSE(vouched(R"({"name": "p", "match": {"images": ["user/*"]}, "mode": "audit",
                           "verdict": {"required": false}},)" +
                           kAudit,
                       {}));
}

TEST(WithExposure, AllowsNothingThatSomebodyElseCouldChange) {
  for (const bool audit : {false, true}) {
    const Policy policy = PolicyWith(audit ? kAudit : kAll);
    const Decision allowed = Decide(policy, Image(), {At('1', {Passed(1)})}, Start::kCreate, kNow);
    EXPECT_EQ(Short(WithExposure(allowed, "")), "+verdict.passed all");
    const Decision exposed = WithExposure(allowed, "user 5 could write it");
    EXPECT_EQ(Short(exposed), audit ? "?bundle.exposed all" : "-bundle.exposed all");
    EXPECT_EQ(exposed.reason, "user 5 could write it");
    const Decision refused = Decide(policy, Image(), {}, Start::kCreate, kNow);
    EXPECT_EQ(Short(WithExposure(refused, "x")), Short(refused));
  }
}

TEST(Decide, LetsNoNameWriteIntoItsSentences) {
  ImageEvidence image = Image();
  image.unsigned_name = "x\": no such file\n{\"level\":\"error\"}";
  const Decision decision = Decide(PolicyWith(kAll), image, {}, Start::kCreate, kNow);
  EXPECT_EQ(decision.reason.find('\n'), std::string::npos);
  EXPECT_EQ(decision.reason.find("no such file"), std::string::npos);
}

}  // namespace
}  // namespace runward
