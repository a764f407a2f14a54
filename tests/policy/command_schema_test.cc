#include "policy/command_schema.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

std::string First(const std::string& commands) {
  const JsonDocument document = JsonDocument::Parse(commands).value();
  Problems problems(document);
  Validate(document, kCommandSchema, problems);
  CheckCommands(document.root(), problems);
  const auto found = problems.Take();
  return found.empty() ? "" : found.front().message;
}

std::string Ways(const std::string& was, const std::string& is) {
  const JsonDocument before = JsonDocument::Parse(was).value();
  const JsonDocument after = JsonDocument::Parse(is).value();
  return CommandsLaxerWays(before.root(), after.root());
}

TEST(CommandSchema, TakesWhatADocumentedPolicySays) {
  EXPECT_EQ(First(R"({"deny": ["nc", "/usr/bin/wget"], "drift": "deny", "driftExcept": ["/build"],
                      "exec": {"allow": ["/bin/sh"], "users": ["app"]},
                      "users": [{"users": ["non-root"], "deny": ["apt*"]}]})"),
            "");
}

TEST(CommandSchema, RefusesWhatWouldDoNothingOrContradicts) {
  EXPECT_EQ(First("{}"), "\"commands\" restricts nothing");
  EXPECT_EQ(First(R"({"deny": ["nc"], "allow": ["nc"]})"), "\"nc\" is denied and allowed");
  EXPECT_EQ(First(R"({"driftExcept": ["/a"]})"),
            "\"driftExcept\" has no effect where drift is allowed");
  EXPECT_EQ(First(R"({"advisory": true})"), "\"advisory\" alone restricts nothing");
  EXPECT_EQ(First(R"({"advisory": true, "deny": ["nc"]})"), "");
  EXPECT_EQ(First(R"({"users": [{"users": ["0"]}]})"), "the element restricts nothing");
  EXPECT_EQ(First(R"({"deny": ["bin/nc"]})"),
            "an element of \"deny\" must be a command's name, or its absolute path in the "
            "container; '*' is any run of characters but '/'");
}

TEST(CommandSchema, RefusesRulesAboutArgumentsThatAreNotClear) {
  EXPECT_EQ(First(R"({"arguments": [{"command": "git", "deny": ["push", "--x*"]},
                                    {"command": "/bin/x", "allow": []}]})"),
            "");
  EXPECT_EQ(First(R"({"arguments": [{"command": "g*", "deny": ["x"]}]})"),
            "a rule about arguments is about one command");
  EXPECT_EQ(
      First(R"({"arguments": [{"command": "g", "deny": ["x"]}, {"command": "g", "allow": []}]})"),
      "two rules are about the arguments of \"g\"");
  EXPECT_EQ(First(R"({"arguments": [{"command": "g"}]})"),
            "a rule about arguments has either \"deny\" or \"allow\"");
  EXPECT_EQ(First(R"({"arguments": [{"command": "g", "deny": ["x"], "allow": ["y"]}]})"),
            "a rule about arguments has either \"deny\" or \"allow\"");
  EXPECT_EQ(First(R"({"arguments": [{"command": "g", "deny": ["a*b"]}]})"),
            "\"a*b\" is no argument to compare with");
}

TEST(CommandSchema, FindsInWhichWaysALaterSectionIsLaxer) {
  const std::string was =
      R"({"deny": ["nc"], "drift": "deny", "exec": {"allow": ["sh"], "users": ["7"]}})";
  EXPECT_EQ(Ways(was, was), "");
  EXPECT_EQ(Ways("{}", was), "");
  EXPECT_EQ(
      Ways(was, R"({"deny": ["nc"], "drift": "warn", "exec": {"allow": ["sh"], "users": ["7"]}})"),
      "commands let drift through");
  EXPECT_EQ(Ways(was, "{}"),
            "commands deny less, commands let drift through, commands let exec do more");
  EXPECT_EQ(Ways(R"({"allow": ["a"]})", R"({"allow": ["a", "b"]})"), "commands allow more");
  EXPECT_EQ(Ways(R"({"deny": ["a"]})", R"({"allow": ["b"]})"), "");
  EXPECT_EQ(Ways(R"({"drift": "deny"})", R"({"drift": "deny", "driftExcept": ["/a"]})"),
            "commands except more from drift");
  EXPECT_EQ(Ways(R"({"users": [{"users": ["0"], "deny": ["a"]}]})", "{}"),
            "commands of users differ");
  EXPECT_EQ(Ways(R"({"arguments": [{"command": "g", "deny": ["a"]}]})", "{}"),
            "commands' arguments differ");
  EXPECT_EQ(Ways(R"({"deny": ["a"]})", R"({"deny": ["a"], "advisory": true})"),
            "commands may be held by seccomp notification alone");
}

}  // namespace
}  // namespace runward
