#include "tools/dispatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string root;
std::vector<std::string> given;

int Keep(const CommandLine& line) {
  root = line.paths.root_flag;
  given.assign(line.args.begin(), line.args.end());
  return 7;
}

const std::vector<Command> kCommands = {
    {"policy check", "policy check [FILE]", "check a policy", Keep},
    {"verdict add", "verdict add FILE", "add a verdict", Keep},
    {"verdict sign", "verdict sign --key FILE", "sign a verdict", Keep},
};

class DispatchTest : public ::testing::Test {
 protected:
  int Run(const std::vector<std::string>& args) {
    root.clear();
    given.clear();
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = Dispatch(args, kCommands);
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }
  std::string out_;
  std::string err_;
};

TEST_F(DispatchTest, ACommandGetsWhatFollowsItsWords) {
  EXPECT_EQ(Run({"verdict", "add", "file", "--x"}), 7);
  EXPECT_THAT(given, ElementsAre("file", "--x"));
  EXPECT_EQ(root, "");
}

TEST_F(DispatchTest, TheCallersOwnInstallationIsAskedForByAFlag) {
  EXPECT_EQ(Run({"--user", "policy", "check", "f"}), 7);
  EXPECT_EQ(root, "--user");
  EXPECT_THAT(given, ElementsAre("f"));
  EXPECT_EQ(Run({"policy", "check", "--user"}), 7);
  EXPECT_EQ(root, "");
}

TEST_F(DispatchTest, TheRootComesFirstAndIsAbsolute) {
  EXPECT_EQ(Run({"--runward-root=/r", "policy", "check"}), 7);
  EXPECT_EQ(root, "--runward-root=/r");
  EXPECT_EQ(Run({"--runward-root", "/r", "policy", "check", "f"}), 7);
  EXPECT_EQ(root, "--runward-root=/r");
  EXPECT_THAT(given, ElementsAre("f"));
  for (const char* bad :
       {"--runward-root=r", "--runward-root=", "--runward-root", "--runward-rooty"}) {
    EXPECT_EQ(Run({bad}), 2) << bad;
    EXPECT_THAT(err_, HasSubstr("absolute path")) << bad;
  }
  EXPECT_EQ(Run({"verdict", "add", "--runward-root=/r"}), 7);  // the command's own to refuse
  EXPECT_THAT(given, ElementsAre("--runward-root=/r"));
}

TEST_F(DispatchTest, HelpListsTheCommandsAndIsNoError) {
  for (const char* word : {"--help", "-h", "help"}) {
    EXPECT_EQ(Run({word}), 0);
    for (const Command& command : kCommands) {
      EXPECT_THAT(out_, HasSubstr(command.words));
      EXPECT_THAT(out_, HasSubstr(command.help));
    }
  }
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("usage"));
}

TEST_F(DispatchTest, AFamilyListsItsOwn) {
  EXPECT_EQ(Run({"verdict", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("verdict sign"));
  EXPECT_THAT(out_, Not(HasSubstr("policy check")));
  EXPECT_EQ(Run({"verdict"}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict sign"));
}

TEST_F(DispatchTest, ACommandsHelpShowsItsSynopsis) {
  EXPECT_EQ(Run({"verdict", "sign", "--key", "x", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("verdict sign --key FILE"));
  EXPECT_THAT(given, ElementsAre());
}

TEST_F(DispatchTest, AnUnknownCommandNamesTheNearest) {
  EXPECT_EQ(Run({"verdict", "sgin"}), 2);
  EXPECT_THAT(err_, HasSubstr("unknown command \"verdict sgin\""));
  EXPECT_THAT(err_, HasSubstr("did you mean: runwardctl verdict sign"));
  EXPECT_EQ(Run({"verdcit", "add", "f"}), 2);
  EXPECT_THAT(err_, HasSubstr("did you mean: runwardctl verdict add"));
  EXPECT_EQ(Run({"x"}), 2);
  EXPECT_THAT(err_, HasSubstr("--help lists the commands"));
  EXPECT_EQ(Run({"--verbose"}), 2);
}

TEST_F(DispatchTest, TheVersionIsTheProjects) {
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_EQ(out_, "runwardctl " RUNWARD_VERSION "\n");
}

}  // namespace
}  // namespace runward
