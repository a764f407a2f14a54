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
  [[nodiscard]] Replayed Of(const std::string& profiles, const RecordedStart* recorded = nullptr) {
    KeyFiles keys = KeyFilesBeside(paths_.policy, Trust::kOwnerAndParents);
    const auto policy =
        ParsePolicy(R"({"version": 1, "profiles": [)" + profiles + "]}", "policy.json", keys);
    EXPECT_TRUE(policy.ok()) << policy.error().message;
    auto replayed = Replay(paths_, policy.value(), event_, recorded, Now());
    EXPECT_TRUE(replayed.ok()) << replayed.error().message;
    return std::move(replayed).value();
  }
  [[nodiscard]] static std::string Run(const std::string& controls) {
    return R"({"name": "all", "match": {}, "verdict": {"required": false}, "run": {)" + controls +
           "}}";
  }
  // A container of that chain, long gone, with one directory of the host's.
  [[nodiscard]] RecordedStart Recorded() const {
    RecordedStart start{.event = "e", .bundle = "/gone/bundle", .rootfs = "/gone/rootfs"};
    start.image.chain = Digest::Parse(chain_);
    start.image.prefixes = {*start.image.chain};
    start.sources = {{.mount = 0, .path = "/etc/gone", .trees = {{"9:99", "/etc/gone"}}}};
    start.config = R"({"root": {"path": "/gone/rootfs"},
        "process": {"user": {"uid": 0}, "noNewPrivileges": false},
        "mounts": [{"destination": "/m", "type": "bind", "source": "/x", "options": ["bind"]}],
        "linux": {"namespaces": [{"type": "network", "path": "/gone/netns"}]}})";
    return start;
  }

  std::string chain_ = "sha256:" + std::string(64, 'a');
  Event event_ = Start("c", 1);
};

TEST_F(ReplayTest, DecidesByTheEventsIdentityWhenThereIsNothingElse) {
  event_.image_chain = chain_;
  const Replayed refused = Of(R"({"name": "all", "match": {}})");
  EXPECT_EQ(refused.undecided, "");
  EXPECT_EQ(refused.after.rule, "verdict.missing");
  EXPECT_TRUE(refused.Differs());
  const Replayed allowed = Of(R"({"name": "all", "match": {}, "verdict": {"required": false}})");
  EXPECT_EQ(allowed.after.outcome, Outcome::kAllow);
  EXPECT_FALSE(allowed.Differs());
}

TEST_F(ReplayTest, LeavesUndecidedWhatNeedsTheConfiguration) {
  event_.image_chain = chain_;
  const std::string bases = R"({"name": "b", "match": {"baseChains": [")" + chain_ +
                            R"("]}}, {"name": "all", "match": {}})";
  for (const std::string& profiles : {Run(R"("readOnlyRoot": true)"), bases}) {
    EXPECT_THAT(Of(profiles).undecided, HasSubstr("was not recorded")) << profiles;
  }
  event_.image_chain = "";
  event_.configuration_sha256 = "x";
  EXPECT_THAT(Of(R"({"name": "all", "match": {}})").undecided, HasSubstr("gone, or was changed"));
}

TEST_F(ReplayTest, HoldsARecordedConfigurationToTheControls) {
  const RecordedStart recorded = Recorded();
  struct Case {
    const char* controls;
    const char* rule;  // "" when it is allowed
  };
  for (const Case& one : {Case{R"("capabilities": {"allow": []})", ""},
                          Case{R"("readOnlyRoot": true)", "run.readOnlyRoot"},
                          Case{R"("users": ["non-root"])", "run.users"},
                          Case{R"("noNewPrivileges": true)", "run.noNewPrivileges"},
                          Case{R"("syscalls": {"deny": ["@mount"]})", ""}}) {
    const Replayed replayed = Of(Run(one.controls), &recorded);
    EXPECT_EQ(replayed.undecided, "") << one.controls;
    EXPECT_EQ(replayed.after.outcome == Outcome::kAllow, *one.rule == '\0') << one.controls;
    if (*one.rule != '\0') {
      EXPECT_EQ(replayed.after.rule, one.rule);
    }
  }
}

TEST_F(ReplayTest, KnowsJoinedNamespacesAndSourcesAsTheyWere) {
  RecordedStart recorded = Recorded();
  const std::string namespaces = Run(R"("hostNamespaces": ["ipc", "mount", "pid", "uts"])");
  EXPECT_EQ(Of(namespaces, &recorded).after.outcome, Outcome::kAllow);
  recorded.host_namespaces = {"network"};
  EXPECT_EQ(Of(namespaces, &recorded).after.rule, "run.hostNamespaces");

  const std::string mounts = Run(R"("mounts": {"deny": ["/etc"]})");
  EXPECT_EQ(Of(mounts, &recorded).after.outcome, Outcome::kAllow) << "of another filesystem";
  recorded.sources[0].path = "/etc/hostname";  // is there, so its place now counts
  EXPECT_EQ(Of(mounts, &recorded).after.rule, "run.mounts");
}

TEST_F(ReplayTest, SaysWhatTheBundleAndTheComposingWouldRefuse) {
  RecordedStart recorded = Recorded();
  recorded.exposed = "somebody could change it";
  EXPECT_EQ(Of(Run(R"("privileged": false)"), &recorded).after.rule, "bundle.exposed");
  recorded = Recorded();
  recorded.config = R"({"root": {"path": "/r"}, "linux": {"seccomp": {
      "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": "read", "action": 7}]}}})";
  const Replayed replayed = Of(Run(R"("syscalls": {"deny": ["@mount"]})"), &recorded);
  EXPECT_EQ(replayed.after.outcome, Outcome::kDeny);
  EXPECT_EQ(replayed.after.rule, "error.controls");
}

TEST_F(ReplayTest, LeavesNamesOfAGoneImageUndecided) {
  const RecordedStart recorded = Recorded();
  EXPECT_THAT(Of(Run(R"("users": ["nginx"])"), &recorded).undecided, HasSubstr("not mounted"));
}

TEST_F(ReplayTest, SaysThatCommandsNetworkAndSecretsAreJudgedAtAStartOnly) {
  event_ = Start("c", 1, EventAction::kDenied);
  event_.rule = "commands.agent";
  const RecordedStart recorded = Recorded();
  const std::string start = R"({"name": "all", "match": {}, "verdict": {"required": false}, )";
  for (const char* section :
       {R"("commands": {"deny": ["wget"]})", R"("network": {"egress": {"default": "deny"}})"}) {
    const Replayed replayed = Of(start + section + "}", &recorded);
    EXPECT_THAT(replayed.undecided, HasSubstr("at a start only")) << section;
    EXPECT_FALSE(replayed.Differs());
    const Replayed refused =
        Of(start + R"("run": {"users": ["non-root"]}, )" + section + "}", &recorded);
    EXPECT_EQ(refused.undecided, "") << section;
    EXPECT_EQ(refused.after.rule, "run.users");
  }
  EXPECT_TRUE(
      Of(R"({"name": "all", "match": {}, "verdict": {"required": false}})", &recorded).Differs());
}

}  // namespace
}  // namespace runward
