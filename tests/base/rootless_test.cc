#include "base/rootless.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace runward {
namespace {

TEST(Rootless, AHomeIsTheOneOfTheFirstEntryWithThatNumber) {
  const char passwd[] =
      "root:x:0:0:root:/root:/bin/sh\n"
      "# alice:x:1234:0::/wrong:/bin/sh\n"
      "short:x:1234\n"
      "alice:x:1234:100:Alice,,,:/home/alice:/bin/sh\n"
      "again:x:1234:100::/home/again:/bin/sh\n"
      "nowhere:x:7:7:::/bin/sh\n"
      "relative:x:8:8::home:/bin/sh\n";
  EXPECT_EQ(HomeIn(passwd, 0), "/root");
  EXPECT_EQ(HomeIn(passwd, 1234), "/home/alice");
  for (const uid_t uid : {7U, 8U, 9U, 12U}) EXPECT_EQ(HomeIn(passwd, uid), std::nullopt) << uid;
  EXPECT_EQ(HomeIn("", 0), std::nullopt);
}

TEST(Rootless, TheUserOutsideIsFoundInTheMap) {
  const char map[] = "         0       1234          1\n         1     300000      65536\n";
  EXPECT_EQ(OutsideIn(map, 0), 1234U);
  EXPECT_EQ(OutsideIn(map, 1), 300000U);
  EXPECT_EQ(OutsideIn(map, 65536), 365535U);
  EXPECT_EQ(OutsideIn(map, 65537), std::nullopt);
  EXPECT_EQ(OutsideIn("         0          0 4294967295\n", 1000), 1000U);
  EXPECT_EQ(OutsideIn("         0          0 4294967295\n", 4294967294), 4294967294);
  EXPECT_EQ(OutsideIn(map, 4294967294), std::nullopt);
  for (const char* bad : {"", "0 1\n", "a b c\n", "0 1 2 3\n"}) {
    EXPECT_EQ(OutsideIn(bad, 0), std::nullopt) << bad;
  }
}

class Environment : public testing::Test {
 protected:
  Environment() { Clear(); }
  ~Environment() override { Clear(); }
  static void Clear() {
    for (const char* name :
         {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"}) {
      unsetenv(name);
    }
  }
};

TEST_F(Environment, VariablesMoveTheUsersFilesOnlyAndHomeDoesNot) {
  if (geteuid() != 0) GTEST_SKIP() << "the home of root is known";
  setenv("HOME", "/elsewhere", 1);
  const Paths above = PathsFor("/r");
  Paths paths = UserPaths(above).value();
  EXPECT_EQ(paths.policy, "/root/.config/runward/policy.json");
  EXPECT_EQ(paths.verdicts, "/root/.local/share/runward/verdicts");
  EXPECT_EQ(paths.log, "/root/.local/state/runward");
  EXPECT_EQ(paths.run, "/root/.local/state/runward/run");
  EXPECT_EQ(paths.runtime, "/r/runtime.json");
  EXPECT_EQ(paths.root_flag, "--user");
  setenv("XDG_CONFIG_HOME", "/c", 1);
  setenv("XDG_DATA_HOME", "/d", 1);
  setenv("XDG_STATE_HOME", "/s", 1);
  setenv("XDG_RUNTIME_DIR", "/run/user/0", 1);
  paths = UserPaths(above).value();
  EXPECT_EQ(paths.policy, "/c/runward/policy.json");
  EXPECT_EQ(paths.verdicts, "/d/runward/verdicts");
  EXPECT_EQ(paths.log, "/s/runward");
  EXPECT_EQ(paths.run, "/run/user/0/runward");
  setenv("XDG_CONFIG_HOME", "relative", 1);
  EXPECT_EQ(UserPaths(above).value().policy, "/root/.config/runward/policy.json");
}

TEST_F(Environment, WhatMovesThemIsHandedOn) {
  EXPECT_TRUE(UserEnvironment().empty());
  setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  setenv("XDG_STATE_HOME", "relative", 1);
  EXPECT_EQ(UserEnvironment(), (std::vector<std::string>{"XDG_RUNTIME_DIR=/run/user/7"}));
}

TEST(Rootless, ThisTestIsNoneAndRootsFilesAreRootsAlone) {
  if (Rootless()) GTEST_SKIP() << "runs in a user namespace";
  EXPECT_TRUE(OwnedByRoot(0));
  EXPECT_FALSE(OwnedByRoot(65534));
  EXPECT_FALSE(OwnedByRoot(1000));
}

}  // namespace
}  // namespace runward
