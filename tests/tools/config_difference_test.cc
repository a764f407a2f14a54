#include "tools/config_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBefore[] = R"({"process": {"env": ["TOKEN=hidden"]},
  "hooks": {"createRuntime": [{"path": "/foreign", "args": ["hidden"], "env": ["A=hidden"]}]},
  "linux": {"seccomp": {"listenerMetadata": "hidden", "defaultAction": "SCMP_ACT_ALLOW"}}})";
constexpr char kAfter[] = R"({"process": {"env": ["TOKEN=hidden"]},
  "hooks": {"createRuntime": [{"path": "/foreign", "args": ["hidden"], "env": ["A=hidden"]},
                              {"path": "/sbin/runward-hook", "args": ["runward-hook", "check-root"]}]},
  "linux": {"seccomp": {"listenerMetadata": "hidden", "defaultAction": "SCMP_ACT_ALLOW",
                        "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}}})";

TEST(ConfigDifference, ShowsTheChangedPlacesAndNoSecret) {
  const std::string text = ConfigDifference(kBefore, kAfter, "/b/config.json", "there");
  EXPECT_THAT(text, HasSubstr("--- /b/config.json\n+++ there\n"));
  EXPECT_THAT(text, HasSubstr("\n+      \"swapon\"\n"));
  EXPECT_THAT(text, HasSubstr("\n+    \"path\": \"/sbin/runward-hook\",\n"));
  EXPECT_THAT(text, HasSubstr("check-root"));
  EXPECT_THAT(text, Not(HasSubstr("hidden")));
}

TEST(ConfigDifference, IsNothingBetweenTheSame) {
  EXPECT_EQ(ConfigDifference(kBefore, kBefore, "x", "y"), "");
  EXPECT_EQ(ConfigDifference("{}", R"({"hooks": 7, "linux": []})", "x", "y"), "");
}

TEST(ConfigDifference, TakesOddHooks) {
  const std::string text =
      ConfigDifference("{}", R"({"hooks": {"createRuntime": [7, {"path": 8}, null]}})", "x", "y");
  EXPECT_THAT(text, HasSubstr("createRuntime"));
}

}  // namespace
}  // namespace runward
