#include "tests/scan/samples.h"
#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class VerdictDiffTest : public VerdictCommandTest {
 protected:
  VerdictDiffTest() {
    Write("policy.json", R"({"version": 1,
      "trust": [{"name": "ci", "key": "ci.pub", "images": ["registry.example.com/*"]}],
      "profiles": [{"name": "web", "match": {}, "image": {"vulnerabilities": {"fail": "high"}}}]})");
  }
  // A verdict from a report with these vulnerabilities; its statement in a file.
  void Evaluate(const std::string& vulnerabilities, const std::string& out,
                const std::vector<std::string>& more = {}) {
    Write("report.json", Trivy(vulnerabilities));
    std::vector<std::string> args = {
        "evaluate", Path("report.json"), "--name", "registry.example.com/web:1",
        "--sign",   Path("ci.key"),      "--out",  Path(out)};
    args.insert(args.end(), more.begin(), more.end());
    ASSERT_NE(Run(args), 1) << err_;
  }
};

TEST_F(VerdictDiffTest, WhatChangedIsShown) {
  Evaluate(Vulnerability("CVE-1-1", "LOW"), "a", {"--add"});
  Evaluate(Vulnerability("CVE-1-2", "HIGH"), "b", {"--add"});
  EXPECT_EQ(Run({"diff", Path("a"), Path("b")}), 2) << err_;
  EXPECT_THAT(out_, HasSubstr("--- PASSED  registry.example.com/web:1  "));
  EXPECT_THAT(out_, HasSubstr("+++ FAILED  registry.example.com/web:1  "));
  EXPECT_THAT(out_, HasSubstr("key \"ci\""));
  EXPECT_THAT(out_, HasSubstr("- result    PASSED\n+ result    FAILED\n"));
  EXPECT_THAT(out_, HasSubstr("+ reason    vulnerabilities.fail: CVE-1-2 (openssl)\n"));
  EXPECT_THAT(out_, HasSubstr("- finding   CVE-1-1  low  openssl 1.1\n"));
  EXPECT_THAT(out_, HasSubstr("+ finding   CVE-1-2  high  openssl 1.1\n"));
  EXPECT_THAT(out_, Not(HasSubstr("images")));
  // The store's newest of the image, and one by its payload.
  EXPECT_EQ(Run({"diff", Path("b"), Hash('c')}), 0) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("no difference but times and signatures"));
  Run({"diff", Path("a"), Path("b"), "--json"});
  const Json json = Json::parse(out_);
  EXPECT_EQ(json["fields"]["result"]["after"], "FAILED");
  EXPECT_EQ(json["findings"]["added"][0], "CVE-1-2  high  openssl 1.1");
  EXPECT_EQ(Run({"diff", std::string(json["before"]["payload_sha256"]), Path("a")}), 0) << out_;
}

TEST_F(VerdictDiffTest, WithoutReportsTheVerdictsAreCompared) {
  Evaluate(Vulnerability("CVE-1-1", "LOW"), "a");
  Evaluate(Vulnerability("CVE-1-2", "LOW"), "b");
  EXPECT_EQ(Run({"diff", Path("a"), Path("b")}), 2);
  EXPECT_THAT(out_, HasSubstr("+ inputs    report:report.json "));
  EXPECT_THAT(out_, Not(HasSubstr("finding")));
}

TEST_F(VerdictDiffTest, WhoseSignatureDoesNotCountIsSaid) {
  Run({"keygen", "--out", Path("other")});
  Evaluate("", "a");
  Evaluate("", "b", {"--sign", Path("other.key")});
  EXPECT_EQ(Run({"diff", Path("a"), Path("b")}), 0) << out_;
  EXPECT_THAT(out_, HasSubstr("NOT TRUSTED"));
}

TEST_F(VerdictDiffTest, WhatIsNotThereIsAnError) {
  Evaluate("", "a");
  EXPECT_EQ(Run({"diff", Path("a"), Hash('9')}), 1);
  EXPECT_THAT(err_, HasSubstr("no verdict about"));
  EXPECT_EQ(Run({"diff", Path("a"), Path("none")}), 1);
  Write("text", "no verdict\n");
  EXPECT_EQ(Run({"diff", Path("a"), Path("text")}), 1);
  EXPECT_THAT(err_, HasSubstr("holds no verdict"));
  // Exit 2 would say that they differ.
  EXPECT_EQ(Run({"diff", Path("a")}), 1);
  EXPECT_EQ(Run({"diff", Path("a"), Path("a"), "--jsn"}), 1);
  EXPECT_THAT(err_, HasSubstr("verdict diff --help"));
}

}  // namespace
}  // namespace runward::fixtures
