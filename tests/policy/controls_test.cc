#include "policy/controls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/run_schema.h"
#include "tests/policy/controls_fixture.h"

namespace runward {
namespace {

using test::Harmless;
using test::RuleOf;
using test::Told;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kAll[] = R"({
  "users": ["non-root"], "groups": ["non-root"], "privileged": false,
  "capabilities": {"allow": []}, "noNewPrivileges": true, "hostNamespaces": [],
  "mounts": {"deny": ["/"]}, "devices": {"allow": []}, "readOnlyRoot": true,
  "limits": ["cpu", "memory", "pids"], "syscalls": {"deny": ["@mount"], "unconfined": "deny"}})";

TEST(JudgeContainer, FindsNothingWhereLittleIsAskedOrNothingIsRestricted) {
  EXPECT_EQ(Told(JudgeContainer(RuleOf(kAll), Harmless(), {})), "");
  EXPECT_EQ(Told(JudgeContainer(RuleOf("{}"), ContainerConfig{}, {})), "");
}

TEST(JudgeContainer, FindsAllAtOnce) {
  ContainerConfig config;
  config.process.capabilities = CapabilitySets{.effective = {"CAP_SYS_ADMIN"}};
  const std::vector<RunFinding> findings = JudgeContainer(RuleOf(kAll), config, {});
  std::string controls;
  for (const RunFinding& finding : findings) controls += finding.control + " ";
  EXPECT_EQ(controls,
            "privileged users groups capabilities noNewPrivileges hostNamespaces devices "
            "readOnlyRoot limits syscalls ");
}

TEST(JudgeContainer, FindsTheHostsNamespacesUnderEachName) {
  ContainerConfig config = Harmless();
  config.namespaces = {{"mount", ""}, {"network", "/proc/7/ns/net"}, {"pid", "/host"}, {"uts", ""}};
  HostView host;
  host.host_namespaces = {"pid"};
  const std::vector<RunFinding> none =
      JudgeContainer(RuleOf(R"({"hostNamespaces": []})"), config, host);
  EXPECT_EQ(Told(none), "hostNamespaces: ipc, pid (allowed: none)");
  const RunRule some = RuleOf(R"({"hostNamespaces": ["ipc"]})");
  EXPECT_EQ(Told(JudgeContainer(some, config, host)), "hostNamespaces: pid (allowed: ipc)");
}

TEST(JudgeContainer, FindsAFilterThatAnAnnotationBrings) {
  const RunRule rule = RuleOf(R"({"syscalls": {"deny": ["ptrace"]}, "groups": ["5"]})");
  ContainerConfig config = Harmless();
  config.process.gid = 5;
  config.annotations = {{"run.oci.seccomp_bpf_data", "x"},
                        {"run.oci.seccomp_fail_unknown_syscall", "1"},
                        {"run.oci.keep_original_groups", "1"},
                        {"other", "y"}};
  EXPECT_EQ(Told(JudgeContainer(rule, config, {})),
            "groups: the runtime's own groups by the annotation \"run.oci.keep_original_groups\" "
            "(allowed: 5); syscalls: a filter of its own by the annotation "
            "\"run.oci.seccomp_bpf_data\" (allowed: none by annotation)");
}

TEST(JudgeContainer, LetsNoAnnotationSetALimitOfTheUnit) {
  ContainerConfig config = Harmless();
  config.annotations = {{"org.systemd.property.TimeoutStopUSec", "5"}};
  config.resources.pids_limit = 5;
  config.resources.devices = {DeviceRule{.allow = false, .access = "rwm"}};
  for (const char* rule :
       {R"({"limits": ["pids"]})", R"({"devices": {"allow": []}})", R"({"privileged": false})"}) {
    config.annotations.resize(1);
    EXPECT_EQ(Told(JudgeContainer(RuleOf(rule), config, {})), "") << rule;
    config.annotations.emplace_back("org.systemd.property.TasksMax", "uint64 5000");
    EXPECT_THAT(Told(JudgeContainer(RuleOf(rule), config, {})),
                HasSubstr("a property of its systemd unit by the annotation "
                          "\"org.systemd.property.TasksMax\" (allowed: none by annotation)"));
  }
  EXPECT_EQ(Told(JudgeContainer(RuleOf(R"({"users": ["non-root"]})"), config, {})), "");
}

TEST(JudgeContainer, LetsNoAnnotationNameAFileOfTheHosts) {
  for (const char* key : {"run.oci.hooks.stdout", "run.oci.hooks.stderr"}) {
    ContainerConfig config = Harmless();
    config.annotations = {{key, "/etc/passwd"}};
    EXPECT_THAT(Told(JudgeContainer(RuleOf("{}"), config, {})), HasSubstr(key));
  }
}

TEST(JudgeCall, FindsARootByChrootAndFilesOfTheCallers) {
  const CallAsked asked = {.no_pivot = true, .fds = 2};
  EXPECT_THAT(JudgeCall(RuleOf(kAll), asked), SizeIs(0));
  EXPECT_EQ(Told(JudgeCall(RuleOf(R"({"pivotRoot": true})"), asked)),
            "pivotRoot: a root by chroot, with --no-pivot (allowed: one by pivot_root)");
  EXPECT_EQ(
      Told(JudgeCall(RuleOf(R"({"preserveFds": false})"), asked)),
      "preserveFds: 2 open files of its caller's (allowed: standard input, output and error)");
  EXPECT_THAT(JudgeCall(RuleOf(R"({"pivotRoot": true, "preserveFds": false})"), {}), SizeIs(0));
  EXPECT_THAT(JudgeCall(RuleOf(R"({"pivotRoot": false, "preserveFds": true})"), asked), SizeIs(0));
}

TEST(JudgeCall, FindsACallThatLeavesTheContainersForTheControlsThatHoldByThem) {
  const CallAsked out = {.cgroup = "the cgroup \"/..\""};
  EXPECT_THAT(JudgeCall(RuleOf(kAll), {}), SizeIs(0));
  EXPECT_THAT(JudgeCall(RuleOf("{}"), out), SizeIs(0));
  for (const auto& [rule, control] :
       {std::pair{R"({"limits": ["pids"], "devices": {"allow": []}})", "limits"},
        std::pair{R"({"devices": {"allow": []}, "privileged": false})", "devices"},
        std::pair{R"({"privileged": false})", "privileged"}}) {
    const std::vector<RunFinding> findings = JudgeCall(RuleOf(rule), out);
    ASSERT_THAT(findings, SizeIs(1));
    EXPECT_EQ(findings.front().control, control);
  }
}

TEST(JudgeContainer, TakesAProfileThatAllowsAllForNone) {
  const RunRule rule = RuleOf(R"({"syscalls": {"unconfined": "deny"}})");
  ContainerConfig config = Harmless();
  config.seccomp = SeccompSummary{.default_action = "SCMP_ACT_ALLOW", .allows_unnamed = true};
  EXPECT_THAT(Told(JudgeContainer(rule, config, {})), HasSubstr("no seccomp profile"));
  config.seccomp->rules = 3;
  EXPECT_EQ(Told(JudgeContainer(rule, config, {})), "");
  config.seccomp.reset();
  EXPECT_THAT(JudgeContainer(rule, config, {}), SizeIs(1));
}

TEST(JudgeExec, HoldsAProcessToTheContainersRule) {
  ProcessConfig process;
  process.capabilities = CapabilitySets{.ambient = {"CAP_NET_ADMIN"}};
  EXPECT_EQ(Told(JudgeExec(RuleOf(kAll), {.process = &process})),
            "users: user 0 (allowed: non-root); groups: group 0 (allowed: non-root); "
            "capabilities: NET_ADMIN (allowed: none); noNewPrivileges: new privileges by "
            "set-user-id programs (allowed: none)");
}

TEST(WithFindings, SaysOfEachControlWhatToDoNext) {
  for (const KeySpec& key : kRunSchema.keys) {
    const std::vector<RunFinding> findings = {{std::string(key.name), "x", "y"}};
    const std::string hint = WithFindings({.outcome = Outcome::kAllow}, findings).hint;
    EXPECT_FALSE(hint.starts_with("ask for less")) << key.name;
    EXPECT_TRUE(hint.ends_with("change the profile's \"run\" (man 5 runward-policy)")) << hint;
  }
}

TEST(JudgeExec, LeavesWhatComesFromTheContainer) {
  const ProcessConfig process;
  const ExecAsked asked{
      .process = &process, .user = false, .groups = false, .no_new_privileges = false};
  EXPECT_EQ(Told(JudgeExec(RuleOf(kAll), asked)), "");
}

TEST(JudgeExec, FindsAPrivilegedOne) {
  ProcessConfig process;
  process.capabilities = CapabilitySets{};
  for (const Capability& one : Capabilities()) {
    process.capabilities->bounding.push_back("CAP_" + std::string(one.name));
  }
  EXPECT_EQ(Told(JudgeExec(RuleOf(R"({"privileged": false})"), {.process = &process})),
            "privileged: all capabilities (allowed: a container that is not privileged)");
}

TEST(JudgeUpdate, FindsLiftedLimitsAndDevices) {
  ResourceLimits limits;
  EXPECT_EQ(Told(JudgeUpdate(RuleOf(kAll), limits, {})), "");
  limits.memory_limit = -1;
  limits.pids_limit = 5;
  limits.devices = {{.allow = true, .type = "b", .major = 8, .minor = 0, .access = "r"}};
  EXPECT_EQ(Told(JudgeUpdate(RuleOf(kAll), limits, {})),
            "devices: access to b 8:0 (allowed: the usual ones); limits: no limit of memory "
            "(allowed: limits of cpu, memory, pids)");
  const ResourceLimits all{.devices = {{.allow = true, .type = "a", .access = "m"}}};
  EXPECT_EQ(Told(JudgeUpdate(RuleOf(R"({"privileged": false})"), all, {})),
            "privileged: all devices (allowed: a container that is not privileged)");
}

TEST(WithFindings, RefusesInEnforceModeAndSaysSoInAudit) {
  const std::vector<RunFinding> findings = {{"users", "user 0", "non-root"},
                                            {"devices", "all", "the usual ones"}};
  Decision decision{.outcome = Outcome::kAllow, .rule = "verdict.passed", .profile = "web"};
  Decision enforced = WithFindings(decision, findings);
  EXPECT_EQ(enforced.outcome, Outcome::kDeny);
  EXPECT_EQ(enforced.rule, "run.users");
  EXPECT_EQ(enforced.reason,
            "profile \"web\" does not allow users: user 0 (allowed: non-root); devices: all "
            "(allowed: the usual ones)");
  EXPECT_THAT(enforced.warnings, SizeIs(2));
  decision.mode = Mode::kAudit;
  EXPECT_EQ(WithFindings(decision, findings).outcome, Outcome::kWouldDeny);
  EXPECT_EQ(WithFindings(decision, {}).rule, "verdict.passed");
}

TEST(WithFindings, KeepsTheImagesOwnRefusal) {
  const Decision denied{.outcome = Outcome::kWouldDeny, .rule = "verdict.missing"};
  const Decision decision = WithFindings(denied, {{"users", "user 0", "non-root"}});
  EXPECT_EQ(decision.rule, "verdict.missing");
  EXPECT_THAT(decision.warnings, SizeIs(1));
}

TEST(WithFindings, BoundsTheSentenceAndSaysHowManyAreLeft) {
  std::vector<RunFinding> findings(100, {"mounts", std::string(400, 'x'), "nothing"});
  const Decision decision = WithFindings({.outcome = Outcome::kAllow}, findings);
  EXPECT_LT(decision.reason.size(), 1200U);
  EXPECT_THAT(decision.reason, HasSubstr("more"));
  EXPECT_THAT(decision.warnings, SizeIs(64));
}

}  // namespace
}  // namespace runward
