#include "tools/replay.h"

#include "oci/policy_file.h"
#include "tests/tools/policy_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

Event Start(const std::string& container, int64_t ns, EventAction action = EventAction::kAllowed) {
  Event event;
  event.operation = "create";
  event.container_id = container;
  event.time = Time{ns};
  event.action = action;
  return event;
}

TEST(RecordedStarts, KeepsTheNewestStartOfEachContainer) {
  RecordedStarts starts;
  starts.Add(Start("b", 1, EventAction::kDenied));
  starts.Add(Start("a", 2));
  starts.Add(Start("b", 3));
  Event exec = Start("a", 9);
  exec.operation = "exec";
  starts.Add(exec);
  starts.Add(Start("c", 4, EventAction::kError));
  ASSERT_THAT(starts.Oldest(), SizeIs(2));
  EXPECT_EQ(starts.Oldest()[0]->container_id, "a");
  EXPECT_EQ(starts.Oldest()[1]->action, EventAction::kAllowed);
}

TEST(RecordedStarts, IsBoundedAndSaysSo) {
  RecordedStarts starts;
  for (size_t i = 0; i < RecordedStarts::kMost + 2; ++i) starts.Add(Start(std::to_string(i), 1));
  EXPECT_THAT(starts.Oldest(), SizeIs(RecordedStarts::kMost));
  EXPECT_EQ(starts.uncounted(), 2);
}

TEST(Replayed, DiffersByTheActionAndForARefusalByTheRule) {
  struct Case {
    EventAction before;
    const char* rule;
    Outcome after;
    bool differs;
  };
  for (const Case& one : {Case{EventAction::kAllowed, "r", Outcome::kAllow, false},
                          Case{EventAction::kAllowed, "s", Outcome::kAllow, false},
                          Case{EventAction::kAllowed, "r", Outcome::kDeny, true},
                          Case{EventAction::kWouldDeny, "r", Outcome::kWouldDeny, false},
                          Case{EventAction::kWouldDeny, "r", Outcome::kDeny, true},
                          Case{EventAction::kDenied, "s", Outcome::kDeny, true}}) {
    Event event = Start("c", 1, one.before);
    event.rule = one.rule;
    Replayed replayed{.event = &event, .after = {.outcome = one.after, .rule = "r"}};
    EXPECT_EQ(replayed.Differs(), one.differs) << one.rule;
    replayed.undecided = "gone";
    EXPECT_FALSE(replayed.Differs());
  }
}

class ReplayTest : public PolicyFixture {
 protected:
  // Of a start whose bundle is gone.
  [[nodiscard]] Replayed Of(const std::string& profiles, const std::string& chain) {
    event_.image_chain = chain;
    event_.bundle = root_ + "/gone";
    KeyFiles keys = KeyFilesBeside(paths_.policy, Trust::kOwnerAndParents);
    const auto policy =
        ParsePolicy(R"({"version": 1, "profiles": [)" + profiles + "]}", "policy.json", keys);
    EXPECT_TRUE(policy.ok()) << policy.error().message;
    auto replayed = Replay(paths_, policy.value(), event_, Now());
    EXPECT_TRUE(replayed.ok()) << replayed.error().message;
    return std::move(replayed).value();
  }

  Event event_ = Start("c", 1);
  std::string chain_ = "sha256:" + std::string(64, 'a');
};

TEST_F(ReplayTest, DecidesByTheRecordedIdentityWhenTheBundleIsGone) {
  const Replayed refused = Of(R"({"name": "all", "match": {}})", chain_);
  EXPECT_EQ(refused.undecided, "");
  EXPECT_EQ(refused.after.rule, "verdict.missing");
  EXPECT_TRUE(refused.Differs());
  const Replayed allowed =
      Of(R"({"name": "all", "match": {}, "verdict": {"required": false}})", chain_);
  EXPECT_EQ(allowed.after.outcome, Outcome::kAllow);
  EXPECT_FALSE(allowed.Differs());
}

TEST_F(ReplayTest, LeavesUndecidedWhatNeedsTheConfiguration) {
  const std::string controls = R"({"name": "all", "match": {}, "run": {"readOnlyRoot": true}})";
  const std::string bases = R"({"name": "b", "match": {"baseChains": [")" + chain_ +
                            R"("]}}, {"name": "all", "match": {}})";
  for (const std::string& profiles : {controls, bases}) {
    EXPECT_THAT(Of(profiles, chain_).undecided, HasSubstr("gone")) << profiles;
  }
  EXPECT_THAT(Of(R"({"name": "all", "match": {}})", "").undecided, HasSubstr("gone"));
}

}  // namespace
}  // namespace runward
