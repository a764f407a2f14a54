#include "hooks/tell_engine.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

namespace runward {
namespace {

std::string Line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line.append(word).push_back('\0');
  return line;
}

TEST(EngineLogOf, IsFoundBeforeTheSubcommandOnly) {
  const EngineLog log = EngineLogOf(Line({"/usr/bin/crun", "--systemd-cgroup", "--root=/r",
                                          "--log=/l.json", "--log-format=json", "create", "c1"}));
  EXPECT_EQ(log.path, "/l.json");
  EXPECT_TRUE(log.json);
  EXPECT_EQ(EngineLogOf(Line({"crun", "create", "--log=/x", "c1"})).path, "");
  EXPECT_EQ(EngineLogOf(Line({"--log=/x"})).path, "");  // its own name
  EXPECT_EQ(EngineLogOf(Line({"crun", "--log=file:/l", "run", "c1"})).path, "/l");
  EXPECT_EQ(EngineLogOf("crun").path, "");
  EXPECT_EQ(EngineLogOf("").path, "");
}

// What the runtime's standard error receives from a hook with this standard error.
std::string Heard(const char* own) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t runtime = fork();
  if (runtime == 0) {
    dup2(ends[1], STDERR_FILENO);
    const pid_t hook = fork();
    if (hook == 0) {
      const int fd = open(own, O_WRONLY | O_CLOEXEC);
      dup2(fd, STDERR_FILENO);
      TellEngine("why: permission denied\nnow");
      _exit(0);
    }
    waitpid(hook, nullptr, 0);
    _exit(0);
  }
  close(ends[1]);
  std::string text(1000, '\0');
  const ssize_t got = read(ends[0], text.data(), text.size());
  close(ends[0]);
  waitpid(runtime, nullptr, 0);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

TEST(TellEngine, SpeaksForTheRuntimeWhereThatHearsNoHook) {
  EXPECT_EQ(Heard("/dev/null"), "why: access is not allowed now\n");
  EXPECT_EQ(Heard("/dev/zero"), "");
}

}  // namespace
}  // namespace runward
