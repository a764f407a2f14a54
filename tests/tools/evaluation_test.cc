#include "tools/evaluation.h"

#include <sstream>

#include "tests/tools/verdict_evaluate_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class EvaluationTest : public VerdictEvaluateTest {};

TEST_F(EvaluationTest, EachFormatIsWhatItsReadersParse) {
  const auto as = [&](const std::string& format) {
    EXPECT_EQ(Evaluate("bad.json", {"--format", format}), 2) << err_;
    return out_;
  };
  const Json sarif = Json::parse(as("sarif"));
  EXPECT_EQ(sarif["version"], "2.1.0");
  EXPECT_EQ(sarif["runs"][0]["results"][0]["level"], "error");
  EXPECT_EQ(sarif["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"],
            "9.5");
  const Json gitlab = Json::parse(as("gitlab"));
  EXPECT_EQ(gitlab["vulnerabilities"][0]["severity"], "Critical");
  EXPECT_EQ(gitlab["vulnerabilities"][0]["location"]["image"], "registry.example.com/web:1");
  const std::string junit = as("junit");
  EXPECT_THAT(junit, HasSubstr("<failure message=\"vulnerabilities.fail: CVE-2021-44228"));
  EXPECT_THAT(junit, HasSubstr("name=\"vulnerabilities.warn\" time=\"0\"/>"));
  EXPECT_THAT(as("github"), HasSubstr("::error title=registry.example.com/web%3A1%3A Upgrade::"));
  EXPECT_THAT(as("markdown"), HasSubstr("| **fail** | openssl 1.1 → 1.2 |"));
  EXPECT_EQ(Json::parse(as("json"))["breaches"][0]["rule"], "vulnerabilities.fail");
}

TEST_F(EvaluationTest, FormatsGoToFilesBesides) {
  EXPECT_EQ(
      Evaluate("bad.json", {"--format", "sarif=" + Path("s"), "--format", "junit=" + Path("j")}),
      2);
  EXPECT_THAT(out_, HasSubstr("FAILED  registry.example.com/web:1"));
  EXPECT_EQ(Json::parse(Read(Path("s")))["version"], "2.1.0");
  EXPECT_THAT(Read(Path("j")), HasSubstr("<testsuites"));
  EXPECT_EQ(Evaluate("good.json", {"--format", "github", "--format", "sarif=" + Path("s")}), 0);
  EXPECT_THAT(out_, Not(HasSubstr("findings")));
  // A file that cannot be written, or is the verdict's own, is said before anything is signed.
  for (const std::string& file : {std::string("/nowhere/s"), Path("v")}) {
    EXPECT_EQ(Evaluate("good.json",
                       {"--sign", Path("ci.key"), "--out", Path("v"), "--format", "sarif=" + file}),
              1);
    EXPECT_FALSE(std::filesystem::exists(Path("v"))) << file;
  }
  // An error leaves the older answer as it was.
  const std::string older = Read(Path("s"));
  Write("cut.json", "{\"SchemaVersion\": 2,");
  EXPECT_EQ(Evaluate("cut.json", {"--format", "sarif=" + Path("s")}), 1);
  EXPECT_EQ(Evaluate("good.json", {"--format", "sarif=" + Path("s"), "--image", "other:9"}), 1);
  EXPECT_EQ(Evaluate("good.json", {"--format", "sarif=" + Path("s"), "--sign", Path("none"),
                                   "--out", Path("v")}),
            1);
  EXPECT_EQ(Read(Path("s")), older);
  EXPECT_EQ(Evaluate("good.json", {"--format", "sarif=" + Path("")}), 1) << "a directory";
  std::filesystem::create_symlink(Path("target"), Path("link"));
  Write("target", "as it was");
  EXPECT_EQ(Evaluate("good.json", {"--format", "sarif=" + Path("link")}), 1);
  EXPECT_THAT(err_, HasSubstr("it is no regular file"));
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
  EXPECT_EQ(Read(Path("target")), "as it was");
  EXPECT_EQ(
      Evaluate("good.json", {"--format", "sarif=" + Path("s"), "--format", "json=" + Path("s")}),
      1);
  for (const char* wrong : {"=s", "sarif=", "xml=s", "sarif=/nowhere/s"}) {
    EXPECT_EQ(Evaluate("good.json", {"--format", wrong}), 1) << wrong;
  }
}

TEST_F(EvaluationTest, NothingInAReportActsOnWhoReadsIt) {
  constexpr char kEvil[] = "::error::x\\u001b[2J\\n::error::y<script>|##vso[z]##[w]\\u202e";
  Write("evil.json",
        Trivy(Vulnerability(kEvil, "HIGH",
                            R"(, "FixedVersion": "1\n::warning::%0A##vso[f]", "Title": ")" +
                                std::string(kEvil) + "\"") +
                  ", " + Vulnerability("CVE-1-2", "HIGH"),
              R"(, "Secrets": [{"RuleID": "::error::s##vso[a]", "Severity": "HIGH"}],
                 "Misconfigurations": [{"ID": "::error::m", "Severity": "HIGH", "Status": "FAIL",
                   "Resolution": "::error::r ##vso[b]"}])"));
  Write("strict.json", R"({"version": 1, "profiles": [{"name": "p", "match": {}, "image": {
    "vulnerabilities": {"fail": "low"}, "secrets": {"fail": "low"},
    "misconfigurations": {"fail": "low"}}}]})");
  Write("ignore", "CVE-1-2\n");
  for (const char* format : {"text", "github", "markdown", "junit", "json", "sarif", "gitlab"}) {
    EXPECT_EQ(Evaluate("evil.json", {"--format", format, "--policy", Path("strict.json"),
                                     "--ignore", Path("ignore")}),
              2);
    EXPECT_THAT(out_, Not(HasSubstr("##vso"))) << format;
    EXPECT_THAT(out_, Not(HasSubstr("##["))) << format;
    EXPECT_THAT(out_, Not(HasSubstr("\x1b"))) << format;
    EXPECT_THAT(out_, Not(HasSubstr("\u202e"))) << format;
    // GitHub's runner trims a line before it looks for a command.
    std::istringstream lines(out_);
    for (std::string line; std::getline(lines, line);) {
      const size_t first = line.find_first_not_of(" \t");
      const bool command = first != std::string::npos && line.compare(first, 2, "::") == 0;
      const bool own = std::string(format) == "github" && line.find(" title=") < 12;
      EXPECT_TRUE(!command || own) << format << ": " << line;
    }
    if (std::string(format) == "markdown" || std::string(format) == "junit") {
      EXPECT_THAT(out_, Not(HasSubstr("y<script>"))) << format;
    }
  }
  // What is not understood is quoted in an error.
  Write("bad.json", Trivy(Vulnerability("CVE-1-1", "##vso[x]\\u202e")));
  EXPECT_EQ(Evaluate("bad.json"), 1);
  EXPECT_THAT(err_, Not(HasSubstr("##vso")));
  EXPECT_THAT(err_, Not(HasSubstr("\u202e")));
}

}  // namespace
}  // namespace runward::fixtures
