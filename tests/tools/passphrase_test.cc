#include "tools/passphrase.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kVariable = "RUNWARD_TEST_PASSPHRASE";

// A child at a terminal of its own: 0 when it was told `expected`.
int Child(const std::string& expected) {
  const auto given = AskPassphrase(kVariable, "Passphrase");
  return given.ok() && given.value().view() == expected ? 0 : 1;
}

TEST(Passphrase, IsTheEnvironmentsAlsoWhenEmpty) {
  for (const char* text : {"", "correct horse"}) {
    setenv(kVariable, text, 1);
    EXPECT_EQ(AskPassphrase(kVariable, "x").value().view(), text);
  }
  unsetenv(kVariable);
}

TEST(Passphrase, IsAskedForAtTheTerminalAndNotShown) {
  unsetenv(kVariable);
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  ASSERT_GE(child, 0);
  if (child == 0) _exit(Child("open sesame"));
  std::string shown;
  char buffer[256];
  bool typed = false;
  while (true) {
    const ssize_t got = read(terminal, buffer, sizeof(buffer));
    if (got <= 0) break;
    shown.append(buffer, static_cast<size_t>(got));
    if (!typed && shown.find("Passphrase: ") != std::string::npos) {
      typed = write(terminal, "open sesame\n", 12) == 12;
    }
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  close(terminal);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(shown, Not(HasSubstr("sesame")));
}

TEST(Passphrase, WithoutATerminalIsAnErrorThatNamesTheVariable) {
  unsetenv(kVariable);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    setsid();  // leaves the terminal, if there is one
    const auto given = AskPassphrase(kVariable, "x");
    _exit(!given.ok() && given.error().hint.find(kVariable) != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace runward
