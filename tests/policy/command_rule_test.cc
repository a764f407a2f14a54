#include "policy/command_rule.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

CommandRule RuleOf(const std::string& text) {
  static std::vector<JsonDocument> documents;  // views point into them
  documents.push_back(JsonDocument::Parse(text).value());
  return ReadCommandRule(documents.back().root());
}

// The rule that speaks against it: "commands.deny", with "~" before what is only said; "" for none.
std::string Judge(const std::string& rule, const CommandTry& what) {
  const auto found = JudgeCommand(RuleOf(rule), what);
  if (!found) return "";
  return (found->denied ? "" : "~") + found->rule;
}

TEST(CommandRule, DeniesByNamePathAndPattern) {
  const struct {
    const char* command;
    const char* path;
    bool denied;
  } cases[] = {
      {"nc", "/bin/nc", true},
      {"nc", "/tmp/deep/nc", true},
      {"nc", "/bin/ncat", false},
      {"nc*", "/bin/ncat", true},
      {"/bin/nc", "/bin/nc", true},
      {"/bin/nc", "/usr/bin/nc", false},
      {"/bin/*", "/bin/nc", true},
      {"/bin/*", "/bin/deep/nc", false},
      {"/opt/*/bin/*", "/opt/x/bin/y", true},
      {"NC", "/bin/nc", false},
  };
  for (const auto& one : cases) {
    const std::string rule = R"({"deny": [")" + std::string(one.command) + R"("]})";
    EXPECT_EQ(Judge(rule, {.path = one.path, .names = {}}), one.denied ? "commands.deny" : "")
        << one.command << " " << one.path;
  }
}

TEST(CommandRule, OtherNamesOfAFileCount) {
  EXPECT_EQ(Judge(R"({"deny": ["nc"]})", {.path = "/bin/busybox", .names = {"nc"}}),
            "commands.deny");
  EXPECT_EQ(
      Judge(R"({"deny": ["/usr/bin/nc"]})", {.path = "/tmp/renamed", .names = {"/usr/bin/nc"}}),
      "commands.deny");
  EXPECT_EQ(Judge(R"({"allow": ["python"]})",
                  {.path = "/usr/bin/python3.11", .names = {"/usr/bin/python"}}),
            "");
}

TEST(CommandRule, AnAllowListAllowsNothingElse) {
  EXPECT_EQ(Judge(R"({"allow": ["sh"]})", {.path = "/bin/sh", .names = {}}), "");
  EXPECT_EQ(Judge(R"({"allow": ["sh"]})", {.path = "/bin/ls", .names = {}}), "commands.allow");
  EXPECT_EQ(Judge(R"({"allow": []})", {.path = "/bin/sh", .names = {}}), "commands.allow");
}

TEST(CommandRule, DriftDeniesOrWarnsButWhereExcepted) {
  const CommandTry drifted{.path = "/work/a/x", .names = {}, .drifted = true};
  EXPECT_EQ(Judge(R"({"drift": "deny"})", drifted), "commands.drift");
  EXPECT_EQ(Judge(R"({"drift": "warn"})", drifted), "~commands.drift");
  EXPECT_EQ(Judge(R"({"drift": "allow"})", drifted), "");
  EXPECT_EQ(Judge(R"({"drift": "deny"})", {.path = "/work/a/x", .names = {}}), "");
  EXPECT_EQ(Judge(R"({"drift": "deny", "driftExcept": ["/work"]})", drifted), "");
  EXPECT_EQ(Judge(R"({"drift": "deny", "driftExcept": ["/wor"]})", drifted), "commands.drift");
}

TEST(CommandRule, UsersHaveRulesBesideTheOthers) {
  const std::string rule =
      R"({"deny": ["nc"], "users": [{"users": ["non-root"], "deny": ["apt"], "allow": ["nc", "ls"]}]})";
  EXPECT_EQ(Judge(rule, {.path = "/bin/apt", .names = {}, .uid = 0}), "");
  EXPECT_EQ(Judge(rule, {.path = "/bin/apt", .names = {}, .uid = 5}), "commands.users.deny");
  EXPECT_EQ(Judge(rule, {.path = "/bin/cat", .names = {}, .uid = 5}), "commands.users.allow");
  EXPECT_EQ(Judge(rule, {.path = "/bin/ls", .names = {}, .uid = 5}), "");
  EXPECT_EQ(Judge(rule, {.path = "/bin/nc", .names = {}, .uid = 5}), "commands.deny");
}

TEST(CommandRule, WhatComesFromOutsideHasItsOwnRules) {
  const std::string rule = R"({"exec": {"allow": ["sh"], "users": ["7"]}})";
  EXPECT_EQ(Judge(rule, {.path = "/bin/ls", .names = {}, .uid = 0}), "");
  EXPECT_EQ(Judge(rule, {.path = "/bin/sh", .names = {}, .uid = 7, .from_outside = true}), "");
  EXPECT_EQ(Judge(rule, {.path = "/bin/ls", .names = {}, .uid = 7, .from_outside = true}),
            "commands.exec.allow");
  EXPECT_EQ(Judge(rule, {.path = "/bin/sh", .names = {}, .uid = 8, .from_outside = true}),
            "commands.exec.users");
}

TEST(CommandRule, IsEmptyOnlyWhenNothingIsRestricted) {
  EXPECT_TRUE(CommandRule{}.empty());
  EXPECT_TRUE(RuleOf(R"({"drift": "allow"})").empty());
  for (const char* text : {R"({"deny": ["a"]})", R"({"allow": []})", R"({"drift": "warn"})",
                           R"({"exec": {"allow": []}})", R"({"exec": {"users": ["0"]}})",
                           R"({"users": [{"users": ["0"], "deny": ["a"]}]})"}) {
    EXPECT_FALSE(RuleOf(text).empty()) << text;
  }
}

TEST(CommandRule, KnowsACommandFromOtherTexts) {
  for (const char* good : {"nc", "nc*", "[", "a b", "/bin/nc", "/opt/*/x"}) {
    EXPECT_TRUE(IsCommand(good)) << good;
  }
  for (const char* bad : {"", ".", "..", "bin/nc", "/bin/", "/", "//bin", "/bin/../x", "a\n"}) {
    EXPECT_FALSE(IsCommand(bad)) << bad;
  }
  EXPECT_FALSE(IsCommand(std::string(64, 'a')));
  EXPECT_TRUE(IsCommand(std::string(63, 'a')));
}

ArgumentRule Denying(const char* command, std::vector<std::string> patterns) {
  return {.command = command, .deny = std::move(patterns), .allow = {}};
}

std::string Arguments(const ArgumentRule& rule, const std::vector<std::string>& arguments) {
  const CommandTry what{.path = "/usr/bin/git", .names = {"/bin/g"}};
  const auto found = JudgeArguments({.arguments = {rule}}, what, arguments);
  return found ? found->rule + ": " + found->reason : "";
}

TEST(CommandRule, DeniesWhatACommandIsGiven) {
  const ArgumentRule rule = Denying("git", {"push", "--exec*"});
  EXPECT_EQ(Arguments(rule, {"status", "-v"}), "");
  EXPECT_EQ(Arguments(rule, {}), "");
  EXPECT_EQ(Arguments(rule, {"-v", "push"}),
            "commands.arguments: \"/usr/bin/git\" may not be given \"push\"");
  EXPECT_NE(Arguments(rule, {"--exec=x"}), "");
  EXPECT_NE(Arguments(rule, {"--exec"}), "");
  EXPECT_EQ(Arguments(rule, {"pushed", "--exe"}), "");
  EXPECT_NE(Arguments(Denying("/bin/g", {"push"}), {"push"}), "");
  EXPECT_EQ(Arguments(Denying("hg", {"push"}), {"push"}), "");
}

TEST(CommandRule, AllowsNothingElseToBeGiven) {
  const ArgumentRule rule{.command = "git", .deny = {}, .allow = {{"log", "-*"}}};
  EXPECT_EQ(Arguments(rule, {"log", "-1", "--all"}), "");
  EXPECT_EQ(Arguments(rule, {}), "");
  EXPECT_NE(Arguments(rule, {"log", "main"}), "");
  EXPECT_NE(Arguments({.command = "git", .deny = {}, .allow = std::vector<std::string>{}}, {""}),
            "");
  EXPECT_EQ(Arguments({.command = "git", .deny = {}, .allow = {{"*"}}}, {"", "x"}), "");
}

TEST(CommandRule, KnowsWhatAPatternOfArgumentsIs) {
  for (const char* good : {"push", "*", "-*", "a b", "--x=\xc3\xa4"}) {
    EXPECT_TRUE(IsArgumentPattern(good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string("a*b"), std::string("**"),
                                 std::string("a\n"), std::string(101, 'x')}) {
    EXPECT_FALSE(IsArgumentPattern(bad)) << bad;
  }
}

}  // namespace
}  // namespace runward
