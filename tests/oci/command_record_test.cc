#include "oci/command_record.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace runward {
namespace {

TEST(CommandRecord, IsReadBackAsWritten) {
  const JsonDocument document =
      JsonDocument::Parse(
          R"({"deny": ["nc"], "allow": ["sh", "/bin/\"x"], "drift": "deny", "driftExcept": ["/b"],
              "users": [{"users": ["non-root"], "deny": ["apt"]},
                        {"users": ["5-9"], "allow": []}],
              "exec": {"users": ["7"], "allow": ["sh"]}, "learn": true,
              "arguments": [{"command": "git", "deny": ["push"]},
                            {"command": "/bin/x", "allow": ["-*"]}]})")
          .value();
  const std::string text = FormatCommandRule(ReadCommandRule(document.root()));
  const auto rule = ParseCommandRule(text);
  ASSERT_TRUE(rule.ok()) << rule.error().message;
  EXPECT_EQ(FormatCommandRule(rule.value()), text);
  EXPECT_EQ(rule.value().lists.allow->back(), "/bin/\"x");
  EXPECT_EQ(rule.value().users.size(), 2U);
  EXPECT_TRUE(rule.value().users.back().lists.allow->empty());
  EXPECT_EQ(rule.value().drift, Drift::kDeny);
  EXPECT_TRUE(rule.value().learn);
  EXPECT_EQ(rule.value().arguments.back().allow->front(), "-*");
}

TEST(CommandRecord, OfNoRuleIsEmpty) {
  EXPECT_EQ(FormatCommandRule({}), "");
  EXPECT_TRUE(ParseCommandRule("").value().empty());
}

TEST(CommandRecord, OfOneThatOnlyLearnsIsNotEmpty) {
  const std::string text = FormatCommandRule({.learn = true});
  EXPECT_TRUE(ParseCommandRule(text).value().learn) << text;
  EXPECT_TRUE(ParseCommandRule(text).value().permits_all());
}

TEST(CommandRecord, RefusesHalfARule) {
  for (const char* text : {"{", "[]", R"({"x": 1})", R"({"deny": "nc"})", R"({"drift": "no"})"}) {
    EXPECT_FALSE(ParseCommandRule(text).ok()) << text;
  }
}

}  // namespace
}  // namespace runward
