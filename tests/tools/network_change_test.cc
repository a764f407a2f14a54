#include "tools/network_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Of(const std::string& network, const std::string& groups = "[]") {
  return R"({"addressGroups":)" + groups + R"(,"network":)" + network + "}";
}

std::vector<std::string> Changes(const std::string& before, const std::string& after) {
  auto changes = NetworkChanges(before, after);
  EXPECT_TRUE(changes.ok());
  return changes.ok() ? std::move(changes).value() : std::vector<std::string>{};
}

TEST(NetworkChangeTest, TellsWhichRulesCameAndWent) {
  EXPECT_THAT(
      Changes(Of(R"({"egress":{"default":"deny","allow":[{"to":["10.0.0.1"]}]}})"),
              Of(R"({"egress":{"default":"deny","allow":[{"to":["10.0.0.2"]}],
                                       "deny":[{"ports":["22/tcp"]}]},
                            "ingress":{"default":"deny"},"onChange":"cut"})")),
      ElementsAre(R"(+ egress.deny {"ports":["22/tcp"]})", R"(- egress.allow {"to":["10.0.0.1"]})",
                  R"(+ egress.allow {"to":["10.0.0.2"]})", "~ ingress.default: allow -> deny",
                  "~ onChange: keep -> cut"));
}

TEST(NetworkChangeTest, TheSameInOtherWordsIsNoChange) {
  EXPECT_THAT(Changes("", ""), IsEmpty());
  EXPECT_THAT(
      Changes(Of(R"({"egress":{"default":"deny"}})"),
              Of("{ /* none */ \"egress\": {\"default\": \"deny\"}, \"onChange\":\"keep\"}")),
      IsEmpty());
}

TEST(NetworkChangeTest, OrderedRulesHaveAnOrder) {
  EXPECT_THAT(Changes(Of(R"({"egress":{"rules":[{"action":"allow","to":["10.0.0.1"]},
                                        {"action":"deny","to":["10.0.0.0/8"]}]}})"),
                      Of(R"({"egress":{"rules":[{"action":"deny","to":["10.0.0.0/8"]},
                                        {"action":"allow","to":["10.0.0.1"]}]}})")),
              ElementsAre("~ egress.rules: the same rules in another order"));
}

TEST(NetworkChangeTest, OnlyGroupsThatRulesNameCount) {
  const std::string section = R"({"egress":{"deny":[{"to":["@db"]}]}})";
  EXPECT_THAT(Changes(Of(section, R"([{"name":"db","addresses":["10.0.0.1"]}])"),
                      Of(section, R"([{"name":"db","addresses":["10.0.0.2"]},
                              {"name":"other","addresses":["10.0.0.3"]}])")),
              ElementsAre("- @db \"10.0.0.1\"", "+ @db \"10.0.0.2\""));
}

TEST(NetworkChangeTest, WhatHadNoneGetsThemAndLosesThem) {
  const std::string section = Of(R"({"egress":{"default":"deny"}})");
  EXPECT_THAT(Changes("", section), ElementsAre("+ network rules, where there were none",
                                                "~ egress.default: allow -> deny"));
  EXPECT_THAT(Changes(section, ""),
              ElementsAre("- all network rules", "~ egress.default: deny -> allow"));
}

TEST(NetworkChangeTest, LongLinesAreCut) {
  std::string many = "\"10.0.0.1\"";
  for (int i = 0; i < 1000; ++i) many += ",\"10.0.1.1\"";
  const auto changes = Changes("", Of(R"({"egress":{"deny":[{"to":[)" + many + "]}]}}"));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_LT(changes[1].size(), 200U);
}

TEST(NetworkChangeTest, WhatIsNoRecordIsAnError) {
  const auto changes = NetworkChanges("{", "");
  ASSERT_FALSE(changes.ok());
  EXPECT_THAT(changes.error().message, HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace runward
