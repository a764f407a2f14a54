#include <nlohmann/json.hpp>

#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReportComplianceTest : public ReportFixture {
 protected:
  void SetUp() override {
    Event event = Made(EventAction::kAllowed, "r.example.com/web:1", "verdict.passed");
    event.checks = {{"5.4", CheckStatus::kFail, "SYS_ADMIN \x1b[2J"},
                    {"5.13", CheckStatus::kPass, ""},
                    {"5.31", CheckStatus::kWarn, "the host's"}};
    id_ = Append(event);
    Append(Made(EventAction::kDenied, "other", "verdict.missing"));
  }
  static nlohmann::json Json(const Output& output) {
    return nlohmann::json::parse(output.out, nullptr, false);
  }

  std::string id_;
};

TEST_F(ReportComplianceTest, TellsOfEachContainerWithRemedyAndMapping) {
  const Output output = Run(ReportCompliance);
  EXPECT_EQ(output.code, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("web-1  r.example.com/web:1"));
  EXPECT_THAT(output.out, HasSubstr("event " + id_));
  EXPECT_THAT(output.out, HasSubstr("1 pass, 1 warn, 1 fail, 29 not decidable"));
  EXPECT_THAT(output.out, HasSubstr("fail           5.4   4.4.3  No capabilities beyond"));
  EXPECT_THAT(output.out, HasSubstr("remedy: --cap-drop ALL"));
  EXPECT_THAT(output.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(output.out, Not(HasSubstr("other")));
}

TEST_F(ReportComplianceTest, SaysOfARefusedStartThatItWasRefused) {
  EXPECT_THAT(Run(ReportCompliance).out, Not(HasSubstr("refused")));
  EXPECT_EQ(Json(Run(ReportCompliance, {"--json"}))["containers"].at(0)["started"], true);
  for (const EventAction action : {EventAction::kDenied, EventAction::kError}) {
    Event event = Made(action, "r.example.com/web:2", "verdict.missing");
    event.checks = {{"5.4", CheckStatus::kFail, "SYS_ADMIN"}};
    Append(event);
    EXPECT_THAT(Run(ReportCompliance).out, HasSubstr("refused, did not start"));
    EXPECT_EQ(Json(Run(ReportCompliance, {"--json"}))["containers"].at(0)["started"], false);
    const nlohmann::json sarif = Json(Run(ReportCompliance, {"--sarif"}));
    const nlohmann::json& result = sarif["runs"].at(0)["results"].at(3);
    EXPECT_EQ(result["properties"]["started"], false);
    EXPECT_THAT(result["message"]["text"].get<std::string>(), HasSubstr("refused, did not start"));
  }
}

TEST_F(ReportComplianceTest, IsFiltered) {
  EXPECT_THAT(Run(ReportCompliance, {"--status", "fail,warn", "--item", "5.4"}).out,
              Not(HasSubstr("5.31")));
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"--container", "x"}, {"--image", "x/*"}, {"--until", "1h"}, {"--item", "4.1"}}) {
    EXPECT_THAT(Run(ReportCompliance, args).out, HasSubstr("no such container"));
  }
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"--status", "bad"}, {"--json", "--sarif"}, {"--since", "soon"}, {"word"}}) {
    EXPECT_EQ(Run(ReportCompliance, args).code, 2);
  }
}

TEST_F(ReportComplianceTest, IsJson) {
  const nlohmann::json json = Json(Run(ReportCompliance, {"--json"}));
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["standard"], "CIS Docker Benchmark 1.6.0");
  const nlohmann::json& one = json["containers"].at(0);
  EXPECT_EQ(one["event"], id_);
  EXPECT_EQ(one["checks"].size(), 32U);
  EXPECT_EQ(one["checks"].at(3)["status"], "fail");
  EXPECT_EQ(one["checks"].at(3)["nist"]["section"], "4.4.3");
}

TEST_F(ReportComplianceTest, IsSarifWhoseResultsPointToTheirRules) {
  const nlohmann::json json = Json(Run(ReportCompliance, {"--sarif"}));
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["version"], "2.1.0");
  const nlohmann::json& run = json["runs"].at(0);
  const nlohmann::json& rules = run["tool"]["driver"]["rules"];
  ASSERT_EQ(run["results"].size(), 32U);
  for (const nlohmann::json& rule : rules) {
    for (const char* part : {"shortDescription", "fullDescription", "help"}) {
      EXPECT_TRUE(rule[part]["text"].is_string()) << rule;
    }
  }
  for (const nlohmann::json& result : run["results"]) {
    EXPECT_EQ(rules.at(result["ruleIndex"].get<size_t>())["id"], result["ruleId"]);
    EXPECT_EQ(result["kind"] == "fail", result["level"] != "none") << result;
    EXPECT_EQ(result["locations"].at(0)["physicalLocation"]["artifactLocation"]["uri"],
              "r.example.com/web%3A1");
  }
  EXPECT_EQ(run["results"].at(3)["level"], "error");
  EXPECT_EQ(run["results"].at(30)["level"], "warning");
  EXPECT_EQ(run["results"].at(12)["kind"], "pass");
  EXPECT_EQ(run["results"].at(0)["kind"], "open");
}

TEST_F(ReportComplianceTest, OtherReportsKeepToDecisions) {
  EXPECT_THAT(Run(ReportSummary).out, HasSubstr("2 events from"));
  EXPECT_THAT(Run(ReportEvents, {"--json"}).out, Not(HasSubstr("2003")));
  EXPECT_EQ(Run(ReportExplain, {id_}).code, 0);
  EXPECT_THAT(Run(ReportVerify).out, HasSubstr("3 records verified"));
}

}  // namespace
}  // namespace runward
