#include "tools/lapsed_container.h"

#include <map>

#include "oci/load.h"
#include "oci/verdict_store.h"
#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

class LapsedContainers : public VerdictCommandTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "records are root's";
  }
  // A record of a container of the image whose chain ends in `fill`s, whose bundle is gone.
  void Start(const std::string& id, char fill, const std::string& rule = "verdict.passed",
             bool would_deny = false) const {
    const auto made = CreateRecord(paths_, {.id = id,
                                            .root = root_ + "/state",
                                            .bundle = root_ + "/gone",
                                            .event = "event-of-" + id,
                                            .time = "2026-11-22T10:00:00.000Z",
                                            .would_deny = would_deny,
                                            .rule = rule,
                                            .profile = "default",
                                            .policy_sha256 = std::string(64, '0'),
                                            .image = "registry.example.com/app:1",
                                            .image_chain = "sha256:" + Hex(fill),
                                            .image_config = "sha256:" + Hex(fill)});
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  void SetProfile(const std::string& members) const {
    Write("policy.json", R"({"version": 1,
      "trust": [{"name": "ci", "key": "ci.pub", "images": ["registry.example.com/*"]}],
      "profiles": [{"name": "default", "match": {})" +
                             members + "}]}");
  }
  // The rules by which containers have lapsed, by their ids.
  std::map<std::string, std::string> Rules(const std::string& status = "running") {
    std::map<std::string, std::string> rules;
    const auto policy = LoadPolicy(paths_);
    EXPECT_TRUE(policy.ok()) << policy.error().message;
    auto found =
        FindLapsedContainers(paths_, policy.value(), Now(), [&](const Record&) { return status; });
    EXPECT_TRUE(found.ok());
    lapsed_ = std::move(found).value();
    for (const LapsedContainer& one : lapsed_) rules[one.record.id] = one.decision.rule;
    return rules;
  }
  using Map = std::map<std::string, std::string>;

  std::vector<LapsedContainer> lapsed_;
};

TEST_F(LapsedContainers, AreThoseThatTheirVerdictStandsAgainstNow) {
  for (const char fill : {'a', 'b', 'c', 'd'}) {
    ASSERT_EQ(Sign(fill, {"--result", "PASSED", "--time", "2026-01-01T00:00:00Z", "--add"}), 0);
    Start(std::string("c-") + fill, fill);
  }
  EXPECT_EQ(Rules(), Map{});
  ASSERT_EQ(Sign('a', {"--result", "FAILED", "--reason", "x", "--add"}), 0);
  ASSERT_EQ(Sign('b', {"--result", "PASSED", "--time", "2026-01-02T00:00:00Z", "--expires", "1d",
                       "--add"}),
            0);
  ASSERT_EQ(Run({"revoke", Hex('c'), "--key", Path("ci.key"), "--reason", "x"}), 0);
  EXPECT_EQ(
      Rules(),
      (Map{{"c-a", "verdict.failed"}, {"c-b", "verdict.expired"}, {"c-c", "verdict.revoked"}}));
  SetProfile(R"(,"verdict":{"maxAge":"1d"})");
  EXPECT_EQ(Rules()["c-d"], "verdict.stale");
}

TEST_F(LapsedContainers, AreNotThoseThatHaveEndedOrNeverHadAVerdict) {
  Start("never", 'e', "verdict.missing", true);
  Start("listed", 'f', "rootfs.listed");
  EXPECT_EQ(Rules(), Map{});
  ASSERT_EQ(Sign('e', {"--result", "FAILED", "--reason", "x", "--add"}), 0);
  EXPECT_EQ(Rules(), (Map{{"never", "verdict.failed"}}));
  EXPECT_EQ(Rules("paused").size(), 1U);
  EXPECT_EQ(Rules("stopped"), Map{});
  EXPECT_EQ(Rules(""), Map{});
}

TEST_F(LapsedContainers, AreThoseWhoseVerdictIsGoneOrUntrusted) {
  ASSERT_EQ(Sign('a', {"--result", "PASSED", "--add"}), 0);
  Start("c", 'a');
  EXPECT_EQ(Rules(), Map{});
  std::filesystem::remove_all(paths_.verdicts);
  EXPECT_EQ(Rules(), (Map{{"c", "verdict.missing"}}));
}

TEST_F(LapsedContainers, AreStoppedAsTheProfileSaysInEnforceMode) {
  ASSERT_EQ(Sign('a', {"--result", "FAILED", "--reason", "x", "--add"}), 0);
  Start("c", 'a');
  SetProfile("");
  ASSERT_EQ(Rules().size(), 1U);
  EXPECT_FALSE(lapsed_[0].stop);
  SetProfile(R"(,"verdict":{"lapsed":{"stop":true,"grace":"2s"}})");
  ASSERT_EQ(Rules().size(), 1U);
  EXPECT_TRUE(lapsed_[0].stop);
  EXPECT_EQ(lapsed_[0].grace_ns, 2'000'000'000);
  SetProfile(R"(,"mode":"audit","verdict":{"lapsed":{"stop":true}})");
  ASSERT_EQ(Rules().size(), 1U);
  EXPECT_FALSE(lapsed_[0].stop);
}

}  // namespace
}  // namespace runward::fixtures
