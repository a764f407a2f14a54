#include "tools/run_program.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace runward {
namespace {

TEST(RunProgramTest, GivesBothOutputsAndTheStatus) {
  const auto output = RunProgram({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output.value().status, 3);
  EXPECT_EQ(output.value().text, "out\nerr\n");
  EXPECT_EQ(RunProgram({"/bin/sh", "-c", "kill -9 $$"}).value().status, 137);
}

TEST(RunProgramTest, TheCallersEnvironmentHasNoPart) {
  ASSERT_EQ(setenv("DPKG_ROOT", "/elsewhere", 1), 0);
  EXPECT_EQ(RunProgram({"/bin/sh", "-c", "echo \"$DPKG_ROOT\""}).value().text, "\n");
  unsetenv("DPKG_ROOT");
}

TEST(RunProgramTest, ALargeOutputIsCutAndTheProgramEnds) {
  const auto output = RunProgram({"/bin/sh", "-c", "head -c 300000 /dev/zero; echo"});
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output.value().status, 0);
  EXPECT_LE(output.value().text.size(), 70000);
}

TEST(RunProgramTest, GivesInputAndItsEnvironmentWhereThatIsWanted) {
  setenv("RUNWARD_TEST_WORD", "here", 1);
  const std::vector<std::string> words = {
      "/bin/sh", "-c", "read line; echo \"$line $RUNWARD_TEST_WORD\"; echo noise >&2"};
  EXPECT_EQ(
      RunProgram(words, {.input = "in\n", .environment = true, .errors_apart = true}).value().text,
      "in here\n");
  EXPECT_EQ(RunProgram(words, {.input = "in\n", .errors_apart = true}).value().text, "in \n");
  EXPECT_FALSE(RunProgram(words, {.input = std::string(5000, 'x')}).ok());
  unsetenv("RUNWARD_TEST_WORD");
}

TEST(RunProgramTest, EndsWhatDoesNotEnd) {
  for (const char* script : {"exec sleep 100", "exec yes"}) {
    const auto output = RunProgram({"/bin/sh", "-c", script}, {.seconds = 1});
    ASSERT_FALSE(output.ok());
    EXPECT_EQ(output.error().message, "\"/bin/sh\" did not end within 1 s");
  }
}

TEST(RunProgramTest, AMissingProgramIsAnError) {
  EXPECT_FALSE(RunProgram({"/nonexistent/program"}).ok());
}

}  // namespace
}  // namespace runward
