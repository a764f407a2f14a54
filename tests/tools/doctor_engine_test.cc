#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tools/doctor.h"

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Ids(const Findings& findings) {
  std::vector<std::string> ids;
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.what.empty());
    EXPECT_FALSE(finding.remedy.empty());
    ids.push_back(finding.id);
  }
  return ids;
}

EngineFacts Good() {
  return {.engine = kDockerConfig,
          .file = "/etc/docker/daemon.json",
          .file_there = true,
          .error = "",
          .entry = {.program = "/usr/sbin/runward", .is_default = true},
          .program_error = "",
          .other_runtimes = {},
          .file_changed = {100},
          .engine_started = {101},
          .runc_diverted = true};
}

TEST(DoctorEngineTest, AGoodEngineHasNoFindings) {
  EXPECT_THAT(JudgeEngine(Good()), IsEmpty());
  EXPECT_THAT(JudgeAll({Good()}), IsEmpty());
}

TEST(DoctorEngineTest, AnEngineThatHasNotReadItsFileIsAProblem) {
  EngineFacts facts = Good();
  facts.engine_started = {99};
  const Findings found = JudgeEngine(facts);
  EXPECT_THAT(Ids(found), ElementsAre("engine.not-restarted"));
  EXPECT_TRUE(found.front().problem);
  EXPECT_EQ(found.front().remedy, "systemctl restart docker");
  facts.engine_started = {};
  EXPECT_THAT(JudgeEngine(facts), IsEmpty()) << "it does not run";
}

TEST(DoctorEngineTest, WaysRoundTheGateAreNamed) {
  EngineFacts facts = Good();
  facts.entry.is_default = false;
  facts.other_runtimes = {"kata\x1b[31m"};
  facts.runc_diverted = false;
  const Findings found = JudgeEngine(facts);
  EXPECT_THAT(Ids(found),
              ElementsAre("engine.not-default", "engine.other-runtime", "engine.plain-runc"));
  EXPECT_EQ(found[1].what.find('\x1b'), std::string::npos);
}

TEST(DoctorEngineTest, WhatCannotBeReadOrRunIsAProblem) {
  EngineFacts facts = Good();
  facts.program_error = "\"/usr/sbin/runward\": it is not there";
  EXPECT_THAT(Ids(JudgeEngine(facts)), ElementsAre("engine.program"));
  facts.error = "line 3: expected a key";
  const Findings found = JudgeEngine(facts);
  EXPECT_THAT(Ids(found), ElementsAre("engine.unreadable"));
  EXPECT_THAT(found.front().what, HasSubstr("/etc/docker/daemon.json: line 3"));
}

TEST(DoctorEngineTest, NoEngineAtAllIsAProblem) {
  EngineFacts facts = Good();
  facts.entry = {};
  facts.runc_diverted = false;
  EXPECT_THAT(JudgeEngine(facts), IsEmpty());
  EXPECT_THAT(Ids(JudgeAll({facts})), ElementsAre("engine.none"));
  EXPECT_THAT(Ids(JudgeAll({})), ElementsAre("engine.none"));
}

// This process ran already when `before` was read, and a file that is changed after an engine's
// start has to be seen as that within the same second too.
TEST(DoctorEngineTest, AProcesssStartIsFoundToTheTick) {
  EXPECT_EQ(DaemonStarted("no-such-daemon"), Time{});
  constexpr const char* kName = "rw-doctor-test";
  const Time before = Now();
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_NAME, kName);
    pause();
    _exit(0);
  }
  Time started;
  while (started == Time{}) started = DaemonStarted(kName);
  const Time after = Now();
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  constexpr int64_t kTick = 10'000'000;  // and as much for the two clocks
  EXPECT_GT(started.ns, before.ns - 2 * kTick);
  EXPECT_LE(started, after);
}

}  // namespace
}  // namespace runward
