#include "shim/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class RequestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "runward-request-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = fs::canonical(name);
  }
  void TearDown() override { fs::remove_all(directory_); }

  static std::string Root(const std::string& flag, Grammar grammar = Grammar::kRunc) {
    std::vector<std::string> words{"state", "c1"};
    if (!flag.empty()) words.insert(words.begin(), "--root=" + flag);
    Invocation call;
    EXPECT_TRUE(ParseArgv(words, grammar, call).ok());
    const Result<std::string> root = SettleRoot(call);
    if (!root.ok()) return "error";
    EXPECT_EQ(call.Global("root").value_or(""), root.value());
    return root.value();
  }

  std::string directory_;
};

TEST_F(RequestTest, TheStateDirectoryIsTheSameBeforeItIsMadeAndAfter) {
  fs::create_directory_symlink(directory_, directory_ + "/link");
  const std::string expected = directory_ + "/a/b";
  for (int made = 0; made < 2; ++made) {
    EXPECT_EQ(Root(directory_ + "/a/b"), expected);
    EXPECT_EQ(Root(directory_ + "/a/b/"), expected);
    EXPECT_EQ(Root(directory_ + "/link/a//b"), expected);
    EXPECT_EQ(Root(directory_ + "/./a/b"), expected);
    fs::create_directories(expected);
  }
  const fs::path before = fs::current_path();
  fs::current_path(directory_);
  EXPECT_EQ(Root("a/b"), expected);
  EXPECT_EQ(Root("none"), directory_ + "/none");
  fs::current_path(before);
  EXPECT_EQ(Root("/"), "/");
  EXPECT_EQ(Root("/runward-none"), "/runward-none");
}

TEST_F(RequestTest, WithoutOneTheRuntimesOwnDefaultCounts) {
  unsetenv("XDG_RUNTIME_DIR");
  const std::string run = fs::canonical("/run");
  EXPECT_EQ(Root(""), run + "/runc");
  EXPECT_EQ(Root("", Grammar::kCrun), run + "/crun");
  EXPECT_EQ(Root("", Grammar::kUnknown), "");
  setenv("XDG_RUNTIME_DIR", directory_.c_str(), 1);
  EXPECT_EQ(Root(""), run + "/runc");
  EXPECT_EQ(Root("", Grammar::kCrun), directory_ + "/crun");
  unsetenv("XDG_RUNTIME_DIR");
}

TEST_F(RequestTest, ARefusalSaysRuleReasonEventAndTheNextStep) {
  Request request{.paths = PathsFor(directory_)};
  ASSERT_TRUE(
      ParseArgv(std::vector<std::string>{"exec", "web", "sh"}, Grammar::kRunc, request.call).ok());
  request.event = NewEvent(request);
  request.event.rule = "verdict.missing";
  request.event.reason = "no verdict";
  request.event.profile = "default";
  request.event.hint = "do this";
  const Refusal refusal = Deny(request);
  EXPECT_EQ(refusal.exit_code, 255);
  EXPECT_EQ(refusal.message,
            "runward refused exec of container web: no verdict (rule verdict.missing, profile "
            "default, event " +
                request.event.id + "). Next: do this. Explain: runwardctl --runward-root=" +
                directory_ + " report explain " + request.event.id);
}

TEST_F(RequestTest, WhatCannotBeLoggedIsRefusedOnlyWhenItHasToBe) {
  Request request{.paths = PathsFor("/dev/null/none")};
  request.event = NewEvent(request);
  EXPECT_FALSE(LogAllowed(request, false).has_value());
  const std::optional<Refusal> refusal = LogAllowed(request, true);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_THAT(refusal->message, HasSubstr("could not be logged"));
  EXPECT_THAT(refusal->message, Not(HasSubstr("report explain")));
}

TEST_F(RequestTest, AHintThatIsACommandNamesThisInstallation) {
  Request request;
  Decision decision;
  decision.hint = "runwardctl verdict show x";
  SetDecision(request, decision);
  EXPECT_EQ(request.event.hint, "runwardctl verdict show x");
  request.paths = PathsFor("/srv/r");
  SetDecision(request, decision);
  EXPECT_EQ(request.event.hint, "runwardctl --runward-root=/srv/r verdict show x");
  decision.hint = "run another image";
  SetDecision(request, decision);
  EXPECT_EQ(request.event.hint, "run another image");
}

}  // namespace
}  // namespace runward
