#include "oci/run_record.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

RunRule RuleOf(const std::string& text) {
  const JsonDocument document = JsonDocument::Parse(text).value();
  return ReadRunRule(document.root());
}

TEST(RunRecord, KeepsWhatLaterCallsAreHeldTo) {
  RunRule rule = RuleOf(R"({
    "users": ["non-root", "app"], "groups": ["5", "10-20"], "privileged": false,
    "capabilities": {"allow": ["KILL", "NET_BIND_SERVICE"]}, "noNewPrivileges": true,
    "devices": {"allow": ["/dev/fuse", "/dev/nvidia*"]}, "limits": ["memory", "pids"],
    "preserveFds": false})");
  rule.users.ids.push_back({101, 101});
  const std::string text = FormatRunRule(rule);
  const Result<RunRule> parsed = ParseRunRule(text);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message << text;
  EXPECT_EQ(FormatRunRule(parsed.value()), text);
  EXPECT_TRUE(Permits(parsed.value().users, 101));
  EXPECT_FALSE(Permits(parsed.value().users, 0));
  EXPECT_FALSE(Permits(parsed.value().groups, 21));
  EXPECT_EQ(parsed.value().capabilities, MaskOf(5) | MaskOf(10));
  EXPECT_TRUE(parsed.value().no_new_privileges);
  EXPECT_FALSE(parsed.value().privileged_allowed);
  EXPECT_EQ(parsed.value().devices->size(), 2U);
  EXPECT_EQ(parsed.value().limits, rule.limits);
  EXPECT_FALSE(parsed.value().preserve_fds);
}

TEST(RunRecord, TellsNoCapabilitiesFromNoRule) {
  const Result<RunRule> none =
      ParseRunRule(FormatRunRule(RuleOf(R"({"capabilities": {"allow": []}})")));
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none.value().capabilities, CapabilityMask{0});
  EXPECT_EQ(FormatRunRule(RunRule{}), "");
  EXPECT_FALSE(ParseRunRule("").value().capabilities);
}

TEST(RunRecord, RefusesWhatItWouldNotWrite) {
  for (const char* text : {"[]", "{", R"({"users": 1})", R"({"capabilities": {}})", R"({"x": 1})",
                           R"({"capabilities": {"allow": ["NONE"]}})"}) {
    EXPECT_FALSE(ParseRunRule(text).ok()) << text;
  }
}

}  // namespace
}  // namespace runward
