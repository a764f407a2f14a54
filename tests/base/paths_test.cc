#include "base/paths.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace runward {
namespace {

TEST(PathsFor, WithoutARootTheyAreTheSystems) {
  const Paths paths = PathsFor("");
  EXPECT_EQ(paths.policy, "/etc/runward/policy.json");
  EXPECT_EQ(paths.runtime, "/etc/runward/runtime.json");
  EXPECT_EQ(paths.verdicts, "/var/lib/runward/verdicts");
  EXPECT_EQ(paths.run, "/run/runward");
  EXPECT_EQ(paths.log, "/var/log/runward");
  EXPECT_EQ(paths.vault, "/var/lib/runward/vault");
  EXPECT_EQ(paths.vault_key, "/etc/runward/vault.key");
  EXPECT_EQ(paths.root_flag, "");
}

TEST(PathsFor, ARootHoldsAllOfThem) {
  const Paths paths = PathsFor("/srv/second");
  for (const std::string* path : {&paths.policy, &paths.runtime, &paths.verdicts, &paths.run,
                                  &paths.log, &paths.vault, &paths.vault_key}) {
    EXPECT_TRUE(path->starts_with("/srv/second/")) << *path;
  }
  EXPECT_EQ(paths.root_flag, "--runward-root=/srv/second");
}

TEST(PathsFor, NoEnvironmentVariableChangesThem) {
  for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "RUNWARD_ROOT", "PATH"}) {
    const char* before = std::getenv(name);
    const std::string kept = before == nullptr ? "" : before;
    setenv(name, "/elsewhere", 1);
    EXPECT_EQ(PathsFor("").policy, "/etc/runward/policy.json") << name;
    before == nullptr ? unsetenv(name) : setenv(name, kept.c_str(), 1);
  }
}

}  // namespace
}  // namespace runward
