#include "policy/run_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/controls_fixture.h"

namespace runward {
namespace {

using test::RuleOf;
using ::testing::ElementsAre;

TEST(RunRule, RestrictsNothingThatIsNotMentioned) {
  const RunRule rule = ReadRunRule(JsonValue());
  EXPECT_TRUE(Permits(rule.users, 0));
  EXPECT_TRUE(Permits(rule.groups, 0));
  EXPECT_TRUE(rule.privileged_allowed);
  EXPECT_FALSE(rule.capabilities || rule.host_namespaces || rule.devices);
  EXPECT_FALSE(rule.no_new_privileges || rule.read_only_root || rule.limits != 0);
  EXPECT_TRUE(rule.denied_sources.empty() && rule.denied_syscalls.empty());
  EXPECT_TRUE(rule.unconfined_allowed && rule.preserve_fds);
  EXPECT_FALSE(rule.pivot_root);
}

TEST(RunRule, ReadsEveryKey) {
  const RunRule rule = RuleOf(R"({
    "users": ["non-root", "7", "9-10", "app"], "groups": ["0"], "privileged": false,
    "capabilities": {"allow": ["CAP_KILL", "net_raw"]}, "noNewPrivileges": true,
    "hostNamespaces": ["network", "uts"], "mounts": {"deny": ["@host"], "allow": ["/srv"]},
    "devices": {"allow": ["/dev/fuse"]}, "readOnlyRoot": true, "pivotRoot": true,
    "preserveFds": false, "limits": ["pids"],
    "syscalls": {"deny": ["@swap", "acct"], "unconfined": "deny"}})");
  EXPECT_EQ(DescribeAccounts(rule.users), "non-root, 7, 9-10, app");
  EXPECT_TRUE(Permits(rule.groups, 0));
  EXPECT_FALSE(Permits(rule.groups, 1));
  EXPECT_FALSE(rule.privileged_allowed);
  EXPECT_EQ(DescribeCapabilities(*rule.capabilities), "KILL, NET_RAW");
  EXPECT_TRUE(rule.no_new_privileges);
  EXPECT_EQ(DescribeNames(*rule.host_namespaces, kGovernedNamespaces, 5), "network, uts");
  EXPECT_THAT(rule.denied_sources, ElementsAre("@host"));
  EXPECT_THAT(rule.allowed_sources, ElementsAre("/srv"));
  EXPECT_THAT(*rule.devices, ElementsAre("/dev/fuse"));
  EXPECT_TRUE(rule.read_only_root && rule.pivot_root);
  EXPECT_FALSE(rule.preserve_fds);
  EXPECT_EQ(DescribeNames(rule.limits, kLimitNames, 3), "pids");
  EXPECT_THAT(rule.denied_syscalls, ElementsAre("acct", "swapoff", "swapon"));
  EXPECT_FALSE(rule.unconfined_allowed);
}

TEST(RunRule, TellsAnEmptyListFromNone) {
  const RunRule rule = RuleOf(R"({"capabilities": {"allow": []}, "hostNamespaces": []})");
  EXPECT_EQ(rule.capabilities, CapabilityMask{0});
  EXPECT_EQ(rule.host_namespaces, 0U);
}

TEST(IdRange, IsANumberOrTwo) {
  EXPECT_EQ(ParseIdRange("5")->last, 5U);
  EXPECT_EQ(ParseIdRange("0-4294967295")->last, UINT32_MAX);
  for (const char* text : {"", "-", "5-", "-5", "5-4", "4294967296", "1-2-3", "0x5", " 5", "a"}) {
    EXPECT_FALSE(ParseIdRange(text)) << text;
  }
}

TEST(AccountName, IsWhatPasswdTakes) {
  for (const char* text : {"app", "_apt", "www-data", "a.b", "pc$", "A1"}) {
    EXPECT_TRUE(IsAccountName(text)) << text;
  }
  for (const char* text : {"", "1a", "-a", "a b", "a:b", "$", "ä"}) {
    EXPECT_FALSE(IsAccountName(text)) << text;
  }
  EXPECT_FALSE(IsAccountName(std::string(65, 'a')));
}

}  // namespace
}  // namespace runward
