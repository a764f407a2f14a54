#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/control_parts.h"
#include "tests/policy/controls_fixture.h"

namespace runward {
namespace {

using test::Harmless;
using test::RuleOf;
using test::Told;

std::string Accounts(const std::string& rule, uint32_t uid, std::vector<uint32_t> gids) {
  ProcessConfig process{.uid = uid, .gid = gids.front()};
  process.additional_gids.assign(gids.begin() + 1, gids.end());
  std::vector<RunFinding> findings;
  JudgeAccounts(RuleOf(rule), process, true, true, findings);
  return Told(findings);
}

TEST(Accounts, PermitWhatFitsOneElement) {
  constexpr char kRule[] = R"({"users": ["7", "100-200"], "groups": ["non-root"]})";
  for (const uint32_t uid : {7U, 100U, 150U, 200U}) EXPECT_EQ(Accounts(kRule, uid, {5}), "");
  for (const uint32_t uid : {0U, 6U, 99U, 201U, 4294967295U}) {
    EXPECT_EQ(Accounts(kRule, uid, {5}),
              "users: user " + std::to_string(uid) + " (allowed: 7, 100-200)");
  }
}

TEST(Accounts, CountEveryGroup) {
  EXPECT_EQ(Accounts(R"({"groups": ["non-root"]})", 0, {5, 0, 6}),
            "groups: group 0 (allowed: non-root)");
  EXPECT_EQ(Accounts(R"({"groups": ["5"]})", 0, {6, 5, 7, 6}), "groups: group 6, 7 (allowed: 5)");
  EXPECT_EQ(Accounts(R"({"users": ["0"]})", 0, {6, 5, 7}), "");
}

TEST(Accounts, PermitNobodyByANameWithoutNumber) {
  EXPECT_EQ(Accounts(R"({"users": ["app"]})", 1000, {0}), "users: user 1000 (allowed: app)");
}

std::string Caps(const std::string& rule, const CapabilitySets& sets) {
  std::vector<RunFinding> findings;
  JudgeCapabilities(RuleOf(rule), sets, findings);
  return Told(findings);
}

TEST(CapabilityControl, LooksIntoAllFiveSets) {
  constexpr char kRule[] = R"({"capabilities": {"allow": ["KILL"]}})";
  const std::vector<std::string> kill = {"CAP_KILL"};
  EXPECT_EQ(Caps(kRule, {kill, kill, kill, kill, kill}), "");
  const std::vector<std::string> more = {"CAP_KILL", "CAP_CHOWN"};
  const std::string found = "capabilities: CHOWN (allowed: KILL)";
  EXPECT_EQ(Caps(kRule, {.bounding = more}), found);
  EXPECT_EQ(Caps(kRule, {.effective = more}), found);
  EXPECT_EQ(Caps(kRule, {.inheritable = more}), found);
  EXPECT_EQ(Caps(kRule, {.permitted = more}), found);
  EXPECT_EQ(Caps(kRule, {.ambient = more}), found);
}

TEST(CapabilityControl, FindsOtherSpellingsAndUnknownWords) {
  constexpr char kRule[] = R"({"capabilities": {"allow": ["KILL"]}})";
  EXPECT_EQ(Caps(kRule, {.ambient = {"sys_admin", "12", "cap_kill"}}),
            "capabilities: NET_ADMIN, SYS_ADMIN (allowed: KILL)");
  EXPECT_EQ(Caps(kRule, {.ambient = {"ALL", "ALL"}}),
            "capabilities: unknown \"ALL\" (allowed: KILL)");
  EXPECT_EQ(Caps("{}", {.ambient = {"ALL"}}), "");
}

std::string Privileged(const ContainerConfig& config) {
  std::vector<RunFinding> findings;
  JudgePrivileged(RuleOf(R"({"privileged": false})"), config, findings);
  return findings.empty() ? "" : findings.front().asked;
}

TEST(PrivilegedControl, KnowsItByEachOfItsSigns) {
  EXPECT_EQ(Privileged(Harmless()), "");
  ContainerConfig devices = Harmless();
  devices.resources.devices = {{.allow = true, .access = "rwm"}};
  EXPECT_EQ(Privileged(devices), "all devices");
  const DeviceRule none{.allow = false, .access = "rwm"};
  for (const char* kind : {"b", "c"}) {
    devices.resources.devices = {none, {.allow = true, .type = kind, .access = "m"}};
    EXPECT_EQ(Privileged(devices), "");
    devices.resources.devices = {none, {.allow = true, .type = kind, .access = "rw"}};
    EXPECT_EQ(Privileged(devices), "all devices");
    devices.resources.devices[1].major = 8;
    EXPECT_EQ(Privileged(devices), "");
  }
  ContainerConfig caps = Harmless();
  for (int number = 0; number <= 36; ++number) {
    caps.process.capabilities->bounding.push_back(std::to_string(number));
  }
  EXPECT_EQ(Privileged(caps), "all capabilities");
  ContainerConfig unmasked = Harmless();
  unmasked.process.capabilities->bounding = {"CAP_SYS_ADMIN"};
  EXPECT_EQ(Privileged(unmasked), "");
  unmasked.read_only_paths = {"/proc/none"};
  EXPECT_EQ(Privileged(unmasked), "SYS_ADMIN with the kernel's files unmasked");
  unmasked.masked_paths.clear();
  EXPECT_EQ(Privileged(unmasked), "SYS_ADMIN with the kernel's files unmasked");
  unmasked.masked_paths = {"/proc"};
  EXPECT_EQ(Privileged(unmasked), "");
}

TEST(PrivilegedControl, HoldsExecsToItWhereTheKernelsFilesAreOpen) {
  const RunRule rule = RuleOf(R"({"privileged": false})");
  EXPECT_FALSE(RuleForExecs(rule, Harmless()).capabilities);
  ContainerConfig open = Harmless();
  open.masked_paths.clear();
  open.read_only_paths.clear();
  const CapabilityMask admin = MaskOf(*CapabilityOf("SYS_ADMIN"));
  EXPECT_EQ(RuleForExecs(rule, open).capabilities, AllCapabilities() & ~admin);
  EXPECT_FALSE(RuleForExecs(RunRule{}, open).capabilities);
  RunRule limited = rule;
  limited.capabilities = admin | 1U;
  EXPECT_EQ(RuleForExecs(limited, open).capabilities, CapabilityMask{1});
  EXPECT_EQ(RuleForExecs(limited, Harmless()).capabilities, admin | 1U);
}

TEST(NewPrivileges, MustBeGivenUpWhereTheRuleSaysSo) {
  const RunRule rule = RuleOf(R"({"noNewPrivileges": true})");
  std::vector<RunFinding> findings;
  JudgeNewPrivileges(rule, {.no_new_privileges = true}, findings);
  JudgeNewPrivileges(RunRule{}, {}, findings);
  EXPECT_EQ(Told(findings), "");
  JudgeNewPrivileges(rule, {}, findings);
  EXPECT_EQ(findings.size(), 1U);
}

std::string Limits(const ResourceLimits& limits, bool update) {
  std::vector<RunFinding> findings;
  JudgeLimits(RuleOf(R"({"limits": ["cpu", "memory", "pids"]})"), limits, update, findings);
  return findings.empty() ? "" : findings.front().asked;
}

TEST(LimitControl, TakesUnlimitedAndAbsentForNoLimit) {
  EXPECT_EQ(Limits({}, false), "no limit of cpu, memory, pids");
  EXPECT_EQ(Limits({}, true), "");
  ResourceLimits limits{.memory_limit = 5, .cpu_quota = 5, .pids_limit = 5};
  EXPECT_EQ(Limits(limits, false), "");
  limits.memory_limit = -1;
  limits.pids_limit = 0;
  EXPECT_EQ(Limits(limits, false), "no limit of memory, pids");
  EXPECT_EQ(Limits(limits, true), "no limit of memory, pids");
}

TEST(LimitControl, TrustsNoOtherSpellingOfCpu) {
  const ResourceLimits limits{
      .memory_limit = 5, .cpu_respelled = true, .cpu_quota = 5, .pids_limit = 5};
  EXPECT_EQ(Limits(limits, true), "no limit of cpu; \"cpu\" is spelled otherwise");
}

TEST(LimitControl, ReadsWhatCgroupFilesSayLast) {
  ResourceLimits limits{.memory_limit = 5};
  limits.unified = {{"memory.max", "max"}, {"pids.max", "7"}, {"cpu.max", "max 100000"}};
  EXPECT_EQ(Limits(limits, true), "no limit of cpu, memory");
  for (const char* max : {" max", "\nmax\n", "\t", ""}) {
    limits.unified = {{"cpu.max", "1000 100000"}, {"pids.max", max}};
    EXPECT_EQ(Limits(limits, true), "no limit of pids") << '"' << max << '"';
  }
}

}  // namespace
}  // namespace runward
