#include "oci/network_record.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_fixture.h"

namespace runward {
namespace {

TEST(NetworkRecord, KeepsTheSectionAndItsGroups) {
  test::MemoryKeys keys;
  auto parsed = ParsePolicy(
      R"({"version":1,"addressGroups":[{"name":"db","addresses":["10.1.0.0/16"]}],
          "profiles":[{"name":"web","match":{},"network":{ // the shop's
          "egress":{"default":"deny","allow":[{"to":["10.0.0.1","@db"]}]}}}]})",
      "policy.json", keys);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const Policy& policy = parsed.value();
  const std::string text = FormatNetworkRecord(policy, "web");
  const auto rule = ParseNetworkRecord(text);
  ASSERT_TRUE(rule.ok()) << rule.error().message;
  ASSERT_TRUE(rule.value().given);
  EXPECT_EQ(rule.value().egress.rules[0].ranges,
            NetworkRuleOf(policy, "web").egress.rules[0].ranges);
  EXPECT_EQ(rule.value().egress.rules[0].ranges.size(), 2U);
  EXPECT_EQ(FormatNetworkRecord(policy, "other"), "");
  EXPECT_FALSE(NetworkRuleOf(policy, "other").given);
}

TEST(NetworkRecord, HalfARuleIsNone) {
  EXPECT_FALSE(ParseNetworkRecord("").value().given);
  for (const char* text : {"{", "{}", R"({"addressGroups":[],"network":{}})",
                           R"({"addressGroups":[],"network":{"egress":{"default":"maybe"}}})",
                           R"({"network":{"egress":{"default":"deny"}}})",
                           R"({"addressGroups":[],"network":{"egress":{"default":"deny",
                               "allow":[{"to":["@gone"]}]}}})"}) {
    EXPECT_FALSE(ParseNetworkRecord(text).ok()) << text;
  }
}

}  // namespace
}  // namespace runward
