#include "policy/host_network.h"

#include <gtest/gtest.h>

#include "policy/network_schema.h"

namespace runward {
namespace {

std::string ProblemsOf(const std::string& egress, const char* host = "cgroup") {
  const auto document = JsonDocument::Parse(std::string(R"({"hostNetwork":")") + host +
                                            R"(","egress":{"default":"deny",)" + egress + "}}");
  Problems problems(document.value());
  CheckNetwork(document.value().root(), {}, problems);
  std::string all;
  for (const PolicyProblem& one : problems.Take()) {
    all += std::to_string(one.position.line) + ":" + std::to_string(one.position.column) + " " +
           one.message + "\n";
  }
  return all;
}

TEST(HostNetwork, NamesWhatCannotBeHeldThere) {
  struct Case {
    const char* rule;
    const char* problem;
  };
  for (const Case& one : {Case{R"({"to":["dns:api.example.com"]})", "names are not resolved"},
                          Case{R"({"to":["10.0.0.1","profile:web"]})", "containers are no peers"},
                          Case{R"({"to":["image:registry.example.com/*"]})", "containers are no"},
                          Case{R"({"to":["10.0.0.1"],"rate":"1/second"})", "rates do not hold"}}) {
    const std::string allow = std::string("\"allow\":[") + one.rule + "]";
    EXPECT_NE(ProblemsOf(allow).find(one.problem), std::string::npos) << ProblemsOf(allow);
    EXPECT_EQ(ProblemsOf(allow, "deny"), "") << one.rule;
  }
  EXPECT_EQ(ProblemsOf(R"("allow":[{"to":["10.0.0.0/8"],"ports":["443/tcp"]}])"), "");
}

TEST(HostNetwork, CountsTheRulesOfADirection) {
  std::string rules;
  for (size_t i = 0; i < kMostCgroupRules; ++i) {
    rules += (i == 0 ? "" : ",") + std::string(R"({"to":["10.0.0.1"]})");
  }
  EXPECT_EQ(ProblemsOf("\"allow\":[" + rules + "]"), "");
  EXPECT_NE(ProblemsOf("\"allow\":[" + rules + R"(],"deny":[{"to":["10.0.0.2"]}])")
                .find("more than 256 rules"),
            std::string::npos);
}

TEST(HostNetwork, SaysWhyRulesCannotBeHeld) {
  NetworkRule rule{.given = true};
  rule.egress.rules.push_back({.place = "network.egress.allow[0]"});
  EXPECT_EQ(WhyNotByCgroup(rule), "");
  rule.ingress.rules.push_back(
      {.place = "network.ingress.allow[0]", .rate = RateLimit{.count = 1}});
  EXPECT_EQ(WhyNotByCgroup(rule), "network.ingress.allow[0] has a rate");
}

TEST(HostNetwork, AtCablesTheSameCannotBeHeld) {
  const auto problems = [](const std::string& word, const std::string& rule) {
    const auto document = JsonDocument::Parse(
        R"({"capabilities":")" + word + R"(","egress":{"default":"deny","allow":[)" + rule + "]}}");
    Problems found(document.value());
    CheckNetwork(document.value().root(), {}, found);
    std::string all;
    for (const PolicyProblem& one : found.Take()) all += one.message + "\n";
    return all;
  };
  for (const char* rule : {R"({"to":["dns:api.example.com"]})", R"({"to":["profile:web"]})",
                           R"({"to":["10.0.0.1"],"rate":"1/second"})"}) {
    EXPECT_NE(problems("veth", rule).find("under \"capabilities\": \"veth\""), std::string::npos)
        << problems("veth", rule);
    EXPECT_EQ(problems("keep", rule), "");
  }
  EXPECT_EQ(problems("veth", R"({"to":["10.0.0.1"]})"), "");
}

}  // namespace
}  // namespace runward
