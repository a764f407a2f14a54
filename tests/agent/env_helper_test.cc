#include "agent/env_helper.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/fd.h"
#include "oci/secret_record.h"

namespace runward {
namespace {

TEST(RuleForHelper, NeedsNoListingAndIsNoDriftButNoWayAround) {
  CommandRule rule;
  rule.lists.allow = std::vector<std::string>{"sh"};
  rule.users = {{.users = {.limited = true, .non_root = true}, .lists = {.allow = {{"sh"}}}}};
  rule.drift = Drift::kDeny;
  rule.exec_allow = std::vector<std::string>{"ls"};
  CommandTry first{.path = "/.runward-env", .uid = 1000, .drifted = true};
  EXPECT_TRUE(JudgeCommand(rule, first).has_value());
  EXPECT_FALSE(JudgeCommand(RuleForHelper(rule), first).has_value());
  CommandTry outside = first;
  outside.from_outside = true;
  EXPECT_EQ(JudgeCommand(RuleForHelper(rule), outside)->rule, "commands.exec.allow");
  rule.lists.deny = {"runward-env", ".runward-env"};
  EXPECT_EQ(JudgeCommand(RuleForHelper(rule), first)->rule, "commands.deny");
}

TEST(EnvHelperOf, IsNoneWithoutVariablesAndForAnotherFile) {
  const UniqueFd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_FALSE(EnvHelperOf({}, root.get()).has_value());
  Record record;
  record.secrets = FormatSecretRules({{.name = "vault:a#b", .file = "/k/b", .env = "B"}});
  EXPECT_FALSE(EnvHelperOf(record, root.get()).has_value());
}

}  // namespace
}  // namespace runward
