#include "tools/promotion.h"

#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int64_t kDay = int64_t{86400} * 1000000000;
const Time kNow = *ParseTime("2026-11-20T00:00:00Z");

TEST(PromotedPolicy, ChangesTheModeAndNotAByteElsewhere) {
  const std::string before =
      "{ // ours\n \"version\": 1, \"profiles\": [\n  {\"name\": \"a\", \"mode\": \"audit\"},\n"
      "  {\"name\":\"b\" , /* soon */ \"mode\" :\"audit\", \"match\": {},},\n]}\r\n";
  std::string after = before;
  after.replace(after.rfind("\"audit\""), 7, "\"enforce\"");
  const auto promoted = PromotedPolicy(before, "b");
  ASSERT_TRUE(promoted.ok()) << promoted.error().message;
  EXPECT_EQ(promoted.value(), after);
}

TEST(PromotedPolicy, FindsNothingToPromote) {
  const std::string text = R"({"profiles": [{"name": "a", "mode": "enforce"}, {"name": "b"}]})";
  for (const char* name : {"a", "b"}) {
    EXPECT_THAT(PromotedPolicy(text, name).error().message, HasSubstr("not in audit mode"));
  }
  EXPECT_THAT(PromotedPolicy(text, "c").error().message, HasSubstr("no profile \"c\""));
}

class AskQuietTest : public ReportFixture {
 protected:
  void At(int64_t days_ago, EventAction action, const std::string& profile = "web") {
    Event event = Made(action, "app", "verdict.missing");
    event.time = Time{kNow.ns - days_ago * kDay};
    event.profile = profile;
    event.policy_sha256 = "p";
    (void)Append(event);
  }
  [[nodiscard]] QuietAnswer Ask() const {
    const auto answer = AskQuiet(PathsFor(base_), question_);
    EXPECT_TRUE(answer.ok()) << answer.error().message;
    return answer.ok() ? answer.value() : QuietAnswer{.refusal = "error"};
  }

  QuietQuestion question_{
      .profile = "web", .policy_sha256 = "p", .quiet_ns = 7 * kDay, .now = kNow};
};

TEST_F(AskQuietTest, IsContentWithAQuietProfile) {
  At(9, EventAction::kWouldDeny);  // before the time asked about
  At(3, EventAction::kAllowed);
  At(2, EventAction::kWouldDeny, "another");
  const QuietAnswer answer = Ask();
  EXPECT_EQ(answer.refusal, "");
  EXPECT_EQ(answer.decisions, 1);
}

TEST_F(AskQuietTest, RefusesAProfileThatWouldHaveDeniedAndShowsTheFirstEvents) {
  At(9, EventAction::kAllowed);
  for (int i = 0; i < 12; ++i) At(6, EventAction::kWouldDeny);
  const QuietAnswer answer = Ask();
  EXPECT_THAT(answer.refusal, HasSubstr("would have denied 12 of 12 decisions in the last 7d"));
  EXPECT_THAT(answer.events, SizeIs(10));
  EXPECT_THAT(answer.events.front(), HasSubstr("app: verdict.missing: "));
}

TEST_F(AskQuietTest, RefusesWhenTheLogCannotTell) {
  EXPECT_THAT(Ask().refusal, HasSubstr("the event log is empty"));
  At(6, EventAction::kAllowed);
  EXPECT_THAT(Ask().refusal, HasSubstr("less than 7d ago"));
}

TEST_F(AskQuietTest, RefusesAClockThatWasSetBack) {
  At(9, EventAction::kAllowed);
  At(-1, EventAction::kAllowed);
  EXPECT_THAT(Ask().refusal, HasSubstr("the clock was set back"));
}

TEST_F(AskQuietTest, RefusesALogThatWasChanged) {
  At(9, EventAction::kAllowed);
  At(3, EventAction::kWouldDeny);
  At(2, EventAction::kAllowed);
  Replace(Log() + "/events.jsonl", "would-deny", "allowed");
  EXPECT_THAT(Ask().refusal, HasSubstr("not intact"));
}

TEST_F(AskQuietTest, AsksForAUseOfTheProfile) {
  At(9, EventAction::kAllowed);
  EXPECT_THAT(Ask().refusal, HasSubstr("decided nothing"));
  question_.even_if_unused = true;
  EXPECT_EQ(Ask().refusal, "");
}

TEST_F(AskQuietTest, CountsDecisionsOfAnotherPolicyOnlyWhenTold) {
  At(9, EventAction::kAllowed);
  At(3, EventAction::kAllowed);
  question_.policy_sha256 = "q";
  EXPECT_THAT(Ask().refusal, HasSubstr("1 of 1 decision of profile \"web\" in the last 7d were"));
  question_.any_policy = true;
  EXPECT_EQ(Ask().refusal, "");
}

}  // namespace
}  // namespace runward
