#include "policy/dsse.h"
#include "tests/scan/samples.h"
#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

constexpr const char* kName = "registry.example.com/web:1";

class VerdictRefreshTest : public VerdictCommandTest {
 protected:
  VerdictRefreshTest() {
    Policy("critical");
    Write("report.json", Trivy(Vulnerability("CVE-2021-1", "HIGH")));
  }
  void Policy(const std::string& fail, const std::string& more = "") const {
    Write("policy.json", R"({"version": 1,
      "trust": [{"name": "ci", "key": "ci.pub", "images": ["registry.example.com/*"]}],
      "profiles": [{"name": "web", "match": {}, "image": {"vulnerabilities": {"fail": ")" +
                             fail + "\"}" + more + "}}]}");
  }
  int Evaluate(const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"evaluate", Path("report.json"), "--name",    kName,
                                     "--sign",   Path("ci.key"),      "--expires", "7d",
                                     "--add"};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }
  int Refresh(const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"refresh"};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }
  // The newest verdict about the image in samples.h.
  [[nodiscard]] Json Newest() const {
    const std::string stored = Stored('c');
    const std::string last(SplitEnvelopes(stored).back());
    return Json::parse(ParseEnvelope(last).value().payload)["predicate"];
  }
  [[nodiscard]] size_t Count() const { return SplitEnvelopes(Stored('c')).size(); }
};

TEST_F(VerdictRefreshTest, AStricterPolicyEndsAVerdictAndSaysWhy) {
  ASSERT_EQ(Evaluate(), 0) << err_;
  EXPECT_EQ(Refresh(), 0) << err_;
  EXPECT_EQ(out_, "0 changed, 1 unchanged, 0 left as they are\n");
  Policy("high");
  EXPECT_EQ(Refresh(), 2) << err_;
  EXPECT_THAT(out_, HasSubstr("changed  registry.example.com/web:1  PASSED -> FAILED\n"
                              "  + vulnerabilities.fail: CVE-2021-1 (openssl)\n"
                              "1 changed, 0 unchanged"));
  EXPECT_EQ(Count(), 1U) << "nothing is signed without --sign";
  EXPECT_EQ(Refresh({"--sign", Path("ci.key")}), 2) << err_;
  EXPECT_THAT(out_, HasSubstr("1 changed and signed"));
  EXPECT_EQ(Newest()["verificationResult"], "FAILED");
  EXPECT_EQ(Refresh({"--sign", Path("ci.key")}), 2) << "still the policy's no";
  EXPECT_THAT(out_, HasSubstr("0 changed, 1 unchanged"));
  EXPECT_EQ(Count(), 2U);
}

TEST_F(VerdictRefreshTest, WhatIsSignedAnewKeepsWhatWasSaidThen) {
  ASSERT_EQ(Evaluate({"--scanned", "secret", "--verifier", "https://ci.example.com/gate"}), 0);
  const Json before = Newest();
  Policy("high");
  ASSERT_EQ(Refresh({"--sign", Path("ci.key")}), 2) << err_;
  const Json after = Newest();
  const std::string extension = std::string(kVerdictExtension);
  EXPECT_EQ(after["verifier"]["id"], "https://ci.example.com/gate");
  EXPECT_EQ(after["resourceUri"], kName);
  EXPECT_EQ(after[extension]["expiresAt"], before[extension]["expiresAt"]);
  EXPECT_EQ(after[extension]["diffIDs"], before[extension]["diffIDs"]);
  EXPECT_EQ(after[extension]["scan"]["declared"], (Json{"secret"}));
  EXPECT_EQ(after[extension]["scan"]["scannedAt"], "2026-11-20T10:00:00.000Z");
  EXPECT_EQ(after["inputAttestations"], before["inputAttestations"]);
  EXPECT_GT(after["timeVerified"], before["timeVerified"]);
}

TEST_F(VerdictRefreshTest, ANewVexDocumentAndTheOldOnesCount) {
  Policy("high", R"(, "accept": ["ignore"])");
  Write("report.json",
        Trivy(Vulnerability("CVE-2021-1", "HIGH") + "," + Vulnerability("CVE-2021-2", "HIGH")));
  Write("first", "CVE-2021-1 exp:2200-01-01\n");
  Write("second", "CVE-2021-2 exp:2200-01-01\n");
  ASSERT_EQ(Evaluate({"--ignore", Path("first")}), 2) << err_;
  EXPECT_EQ(Refresh({"--ignore", Path("second"), "--sign", Path("ci.key")}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("FAILED -> PASSED\n  - vulnerabilities.fail: CVE-2021-2"));
  EXPECT_THAT(Newest()["inputAttestations"], SizeIs(3));
  EXPECT_EQ(Refresh(), 0) << "both are stored now";
  EXPECT_THAT(out_, HasSubstr("0 changed, 1 unchanged"));
  // The same document, of another day.
  Write("second", "CVE-9-9 exp:2200-01-01\n");
  EXPECT_EQ(Refresh({"--ignore", Path("second")}), 2);
  EXPECT_THAT(out_, HasSubstr("PASSED -> FAILED\n  + vulnerabilities.fail: CVE-2021-2"));
  // What is lost accepts nothing more.
  for (const std::string& file : StoreFiles()) {
    const std::string path = paths_.verdicts + "/reports/" + file;
    if (Read(path).starts_with("CVE-2021-1")) std::filesystem::remove(path);
  }
  EXPECT_EQ(Refresh(), 2);
  EXPECT_THAT(out_, HasSubstr("note: \"ignore:first\" is neither given nor stored"));
}

TEST_F(VerdictRefreshTest, WhichOfTwoNamesakesIsReplacedIsNotGuessed) {
  Policy("high", R"(, "accept": ["ignore"])");
  for (const char* folder : {"a", "b"}) {
    std::filesystem::create_directory(Path(folder));
    Write(std::string(folder) + "/ignore", "CVE-2021-1 exp:2200-01-01\n# " + std::string(folder));
  }
  ASSERT_EQ(Evaluate({"--ignore", Path("a/ignore"), "--ignore", Path("b/ignore")}), 0) << err_;
  EXPECT_EQ(Refresh(), 0) << err_;
  EXPECT_EQ(Refresh({"--ignore", Path("a/ignore")}), 1);
  EXPECT_THAT(err_, HasSubstr("2 files of that name counted"));
}

TEST_F(VerdictRefreshTest, WhatRestsOnNoReportIsLeft) {
  ASSERT_EQ(Sign('a', {"--result", "PASSED", "--add"}), 0) << err_;
  ASSERT_EQ(Evaluate(), 0);
  std::filesystem::remove_all(paths_.verdicts + "/reports");
  Policy("high");
  EXPECT_EQ(Refresh({"--sign", Path("ci.key")}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("left  registry.example.com/app:1  PASSED: it was signed by hand"));
  EXPECT_THAT(out_, HasSubstr("left  registry.example.com/web:1  PASSED: its report is not in"));
  EXPECT_EQ(Count(), 1U);
}

TEST_F(VerdictRefreshTest, ARevokedOrExpiredVerdictIsNotRaised) {
  Policy("high");
  ASSERT_EQ(Evaluate(), 2);
  ASSERT_EQ(Run({"revoke", Hash('c'), "--key", Path("ci.key"), "--reason", "leaked"}), 0) << err_;
  Policy("critical");
  EXPECT_EQ(Refresh({"--sign", Path("ci.key")}), 0);
  EXPECT_THAT(out_, HasSubstr("FAILED: it was revoked"));
  EXPECT_EQ(Count(), 2U);
}

TEST_F(VerdictRefreshTest, ADamagedReportIsAnErrorAndTheOthersAreRefreshed) {
  ASSERT_EQ(Evaluate(), 0);
  const std::string first = StoreFiles().back();
  Write("report.json", Trivy(Vulnerability("CVE-2021-2", "HIGH")));
  ASSERT_EQ(Evaluate({"--name", "registry.example.com/two:1"}), 0) << err_;
  for (const auto& entry : std::filesystem::directory_iterator(paths_.verdicts + "/reports")) {
    if (Read(entry.path()).find("CVE-2021-2") == std::string::npos) {
      std::ofstream(entry.path()) << "{}";
    }
  }
  Policy("high");
  EXPECT_EQ(Refresh({"--sign", Path("ci.key")}), 1);
  EXPECT_THAT(err_, HasSubstr("has other bytes than it is named after"));
  EXPECT_THAT(out_, HasSubstr("changed  registry.example.com/two:1  PASSED -> FAILED"));
  EXPECT_THAT(out_, HasSubstr("1 changed and signed"));
}

TEST_F(VerdictRefreshTest, NothingIsSignedByAKeyThatMayNot) {
  ASSERT_EQ(Evaluate(), 0);
  Run({"keygen", "--out", Path("other")});
  Policy("high");
  EXPECT_EQ(Refresh({"--sign", Path("other.key")}), 1);
  EXPECT_THAT(err_, HasSubstr("the verdict is not added"));
  EXPECT_EQ(Count(), 1U);
}

TEST_F(VerdictRefreshTest, ADraftOfAPolicyCanBeTried) {
  ASSERT_EQ(Evaluate(), 0);
  Write("draft.json", R"({"version": 1, "profiles": [{"name": "p", "match": {},
    "image": {"vulnerabilities": {"fail": "low"}}}]})");
  EXPECT_EQ(Refresh({"--policy", Path("draft.json"), "--json"}), 2) << err_;
  const Json listed = Json::parse(out_)["verdicts"];
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed[0]["state"], "changed");
  EXPECT_EQ(listed[0]["before"], "PASSED");
  EXPECT_EQ(listed[0]["after"], "FAILED");
  EXPECT_EQ(listed[0]["added"][0], "vulnerabilities.fail: CVE-2021-1 (openssl)");
  EXPECT_EQ(listed[0]["signed"], false);
}

TEST_F(VerdictRefreshTest, WrongUsageIsAnErrorAndNoPolicysNo) {
  Write("vex", "CVE-1-1\n");
  const std::vector<std::vector<std::string>> wrong = {{"words"},
                                                       {"--frm"},
                                                       {"--jobs", "0"},
                                                       {"--sign", Path("none.key")},
                                                       {"--vex", Path("vex")},
                                                       {"--expires", "2001-01-01"}};
  for (const std::vector<std::string>& words : wrong) EXPECT_EQ(Refresh(words), 1) << words[0];
}

}  // namespace
}  // namespace runward::fixtures
