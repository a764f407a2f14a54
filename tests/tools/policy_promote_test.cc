#include "base/event_log.h"
#include "oci/policy_file.h"
#include "tests/tools/policy_fixture.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

constexpr char kPolicy[] = R"({
  "version": 1, // ours
  "profiles": [
    {"name": "web", "mode": "audit", "match": {"images": ["r.example.com/web/*"]}},
    {"name": "rest", "mode": "audit", "match": {"images": ["r.example.com/*"]}}
  ]
}
)";

class PolicyPromote : public PolicyFixture {
 protected:
  void SetUp() override {
    PolicyFixture::SetUp();
    if (!IsSkipped()) (void)Write("policy.json", kPolicy);
  }
  void Decide(const std::string& profile, EventAction action, int64_t hours_ago) const {
    KeyFiles keys = KeyFilesBeside(paths_.policy, Trust::kOwnerAndParents);
    const auto policy = ParsePolicy(Read(paths_.policy), "policy.json", keys);
    ASSERT_TRUE(policy.ok()) << policy.error().message;
    const Event event{.id = NewEventId(),
                      .time = Time{Now().ns - hours_ago * 3600 * 1000000000},
                      .action = action,
                      .operation = "create",
                      .rule = "verdict.missing",
                      .profile = profile,
                      .mode = "audit",
                      .policy_sha256 = policy.value().digest};
    ASSERT_TRUE(AppendEvent(paths_.log, event, {}).ok());
  }
};

TEST_F(PolicyPromote, EnforcesAQuietProfileAndKeepsWhatStoodThere) {
  Decide("rest", EventAction::kAllowed, 30);
  Decide("rest", EventAction::kAllowed, 2);
  const Output dry = Run(PolicyPromoteCommand, {"rest", "--quiet", "1d", "--dry-run"});
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_THAT(dry.out, HasSubstr("+    {\"name\": \"rest\", \"mode\": \"enforce\""));
  EXPECT_EQ(Read(paths_.policy), kPolicy);
  const Output done = Run(PolicyPromoteCommand, {"rest", "--quiet", "1d"});
  EXPECT_EQ(done.code, 0) << done.err;
  std::string after = kPolicy;
  after.replace(after.rfind("\"audit\""), 7, "\"enforce\"");
  EXPECT_EQ(Read(paths_.policy), after);
  EXPECT_EQ(Read(paths_.policy + ".before-promote"), kPolicy);
  const Output again = Run(PolicyPromoteCommand, {"rest", "--quiet", "1d"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("is not in audit mode"));
}

TEST_F(PolicyPromote, RefusesAndShowsTheEventsWhenItWasNotQuiet) {
  Decide("rest", EventAction::kAllowed, 30);
  Decide("rest", EventAction::kWouldDeny, 2);
  const Output output = Run(PolicyPromoteCommand, {"rest", "--quiet", "1d"});
  EXPECT_EQ(output.code, 2);
  EXPECT_THAT(output.out, HasSubstr("verdict.missing"));
  EXPECT_THAT(output.err, HasSubstr("would have denied 1 of 1 decision"));
  EXPECT_EQ(Read(paths_.policy), kPolicy);
}

TEST_F(PolicyPromote, RefusesToMakeALaterProfileLaxer) {
  (void)Write("policy.json", R"({"version": 1, "profiles": [
    {"name": "all", "mode": "audit", "match": {"images": ["r.example.com/*"]}},
    {"name": "web", "mode": "audit", "match": {"images": ["r.example.com/web/*"], "chains": [
      "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}}]})");
  const std::string before = Read(paths_.policy);
  Decide("all", EventAction::kAllowed, 30);
  Decide("all", EventAction::kAllowed, 2);
  const Output output = Run(PolicyPromoteCommand, {"all", "--quiet", "1d"});
  EXPECT_EQ(output.code, 2) << output.err;
  EXPECT_THAT(output.err, HasSubstr("laxer"));
  EXPECT_EQ(Read(paths_.policy), before);
}

TEST_F(PolicyPromote, AsksForAProfileAndATime) {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {}, {"rest"}, {"rest", "--quiet", "soon"}, {"rest", "web", "--quiet", "1d"}}) {
    EXPECT_EQ(Run(PolicyPromoteCommand, args).code, 2);
  }
  EXPECT_EQ(Run(PolicyPromoteCommand, {"nobody", "--quiet", "1d"}).code, 1);
}

}  // namespace
}  // namespace runward
