#include "oci/container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Result<ContainerConfig> Parse(const std::string& text) {
  return ParseContainer(text, "config.json", "/b");
}

constexpr char kFull[] = R"({
  "ociVersion": "1.0.2", "hostname": "h", "domainname": "d", "other": [1],
  "root": {"path": "rootfs", "readonly": true},
  "process": {
    "user": {"uid": 7, "gid": 8, "additionalGids": [9, 4294967294]},
    "args": ["sh"], "env": ["A=1"], "cwd": "/w", "terminal": true,
    "capabilities": {"bounding": ["CAP_KILL"], "ambient": ["CAP_SYS_ADMIN"]},
    "noNewPrivileges": true, "apparmorProfile": "docker-default", "selinuxLabel": "l",
    "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 18446744073709551615}],
    "oomScoreAdj": -5},
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]},
    {"destination": "/v", "type": "none", "source": "/s", "options": ["ro", "rbind"]},
    {"destination": "/w", "type": "bind", "source": "/s", "options": ["ro", "rw"]}],
  "hooks": {"prestart": [{"path": "/p", "args": ["p", "x"]}], "poststop": [{"path": "/q"}]},
  "annotations": {"a": "1", "A": "2"},
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "network", "path": "/proc/1/ns/net"}],
    "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438}],
    "resources": {
      "devices": [{"allow": false, "access": "rwm"},
                  {"allow": true, "type": "c", "major": 1, "minor": -1, "access": "rw"}],
      "memory": {"limit": 1048576, "swap": -1, "reservation": 5, "disableOOMKiller": true},
      "cpu": {"shares": 2, "quota": 3, "period": 4, "cpus": "0-1", "mems": "0"},
      "pids": {"limit": 100}, "unified": {"memory.max": "max"}},
    "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
                "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/l",
                "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]},
    "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
    "sysctl": {"net.ipv4.ip_forward": "1"}, "cgroupsPath": "/c",
    "rootfsPropagation": "rshared", "mountLabel": "m", "intelRdt": {"closID": "i"},
    "uidMappings": [{"containerID": 0, "hostID": 1, "size": 2}], "gidMappings": null}})";

TEST(ContainerOf, ReadsTheProcess) {
  const Result<ContainerConfig> parsed = Parse(kFull);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const ProcessConfig& process = parsed.value().process;
  EXPECT_EQ(process.uid, 7U);
  EXPECT_EQ(process.gid, 8U);
  EXPECT_THAT(process.additional_gids, ElementsAre(9U, 4294967294U));
  EXPECT_THAT(process.args, ElementsAre("sh"));
  EXPECT_THAT(process.env, ElementsAre("A=1"));
  EXPECT_EQ(process.cwd, "/w");
  EXPECT_TRUE(process.terminal);
  ASSERT_TRUE(process.capabilities);
  EXPECT_THAT(process.capabilities->bounding, ElementsAre("CAP_KILL"));
  EXPECT_THAT(process.capabilities->ambient, ElementsAre("CAP_SYS_ADMIN"));
  EXPECT_TRUE(process.capabilities->effective.empty());
  EXPECT_TRUE(process.no_new_privileges);
  EXPECT_EQ(process.apparmor_profile, "docker-default");
  EXPECT_EQ(process.selinux_label, "l");
  ASSERT_EQ(process.rlimits.size(), 1U);
  EXPECT_EQ(process.rlimits[0].hard, UINT64_MAX);
  EXPECT_EQ(process.oom_score_adj, -5);
}

TEST(ContainerOf, ReadsRootMountsHooksAndAnnotations) {
  const Result<ContainerConfig> parsed = Parse(kFull);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const ContainerConfig& config = parsed.value();
  EXPECT_EQ(config.rootfs, "/b/rootfs");
  EXPECT_TRUE(config.read_only_root);
  EXPECT_EQ(config.hostname, "h");
  ASSERT_EQ(config.mounts.size(), 3U);
  EXPECT_FALSE(config.mounts[0].bind);
  EXPECT_TRUE(config.mounts[1].bind);
  EXPECT_TRUE(config.mounts[1].read_only);
  EXPECT_TRUE(config.mounts[2].bind);
  EXPECT_FALSE(config.mounts[2].read_only);
  ASSERT_EQ(config.hooks.size(), 2U);
  EXPECT_EQ(config.hooks[0].stage, "prestart");
  EXPECT_THAT(config.hooks[0].args, ElementsAre("p", "x"));
  EXPECT_EQ(config.hooks[1].path, "/q");
  EXPECT_THAT(config.annotations, ElementsAre(Pair("a", "1"), Pair("A", "2")));
}

TEST(ContainerOf, ReadsTheLinuxSection) {
  const Result<ContainerConfig> parsed = Parse(kFull);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const ContainerConfig& config = parsed.value();
  EXPECT_EQ(UseOf(config, "network"), NamespaceUse::kJoined);
  ASSERT_EQ(config.devices.size(), 1U);
  EXPECT_EQ(config.devices[0].minor, 229);
  EXPECT_EQ(config.devices[0].file_mode, 438);
  const ResourceLimits& limits = config.resources;
  ASSERT_EQ(limits.devices.size(), 2U);
  EXPECT_FALSE(limits.devices[0].major);
  EXPECT_EQ(limits.devices[1].minor, -1);
  EXPECT_EQ(limits.memory_limit, 1048576);
  EXPECT_EQ(limits.memory_swap, -1);
  EXPECT_TRUE(limits.disable_oom_killer);
  EXPECT_EQ(limits.cpu_quota, 3);
  EXPECT_EQ(limits.pids_limit, 100);
  EXPECT_THAT(limits.unified, ElementsAre(Pair("memory.max", "max")));
  ASSERT_TRUE(config.seccomp);
  EXPECT_EQ(config.seccomp->rules, 0U);
  EXPECT_FALSE(config.seccomp->allows_unnamed);
  EXPECT_THAT(config.masked_paths, ElementsAre("/proc/kcore"));
  EXPECT_THAT(config.sysctls, ElementsAre(Pair("net.ipv4.ip_forward", "1")));
  EXPECT_EQ(config.cgroups_path, "/c");
  EXPECT_EQ(config.uid_mappings, 1U);
  EXPECT_EQ(config.gid_mappings, 0U);
}

TEST(ContainerOf, TakesNullAndAbsentAsTheRuntimesDo) {
  const Result<ContainerConfig> parsed =
      Parse(R"({"root": {"path": "/r"}, "process": null, "mounts": null, "linux": {
        "resources": null, "seccomp": null, "namespaces": null}, "hooks": {"prestart": null}})");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed.value().rootfs, "/r");
  EXPECT_FALSE(parsed.value().process.capabilities);
  EXPECT_FALSE(parsed.value().seccomp);
  EXPECT_FALSE(parsed.value().resources.memory_limit);
}

TEST(ContainerOf, CountsAnUnknownDefaultActionAsAllowing) {
  for (const char* action :
       {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "scmp_act_errno", "SCMP_ACT_TRACE"}) {
    const Result<ContainerConfig> parsed =
        Parse(R"({"root": {"path": "/r"}, "linux": {"seccomp": {"defaultAction": ")" +
              std::string(action) + "\"}}}");
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    EXPECT_TRUE(parsed.value().seccomp->allows_unnamed) << action;
  }
}

TEST(ContainerOf, CountsOfASeccompProfileTheRulesThatDeny) {
  const Result<ContainerConfig> parsed =
      Parse(R"({"root": {"path": "/r"}, "linux": {"seccomp": {"defaultAction": "SCMP_ACT_LOG",
        "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"},
                     {"names": ["write"], "action": "SCMP_ACT_LOG"},
                     {"names": ["open"], "action": "SCMP_ACT_UNHEARD"}, {"names": ["close"]},
                     {"names": [], "action": "SCMP_ACT_ERRNO"},
                     {"names": ["mount"], "action": "SCMP_ACT_ERRNO"},
                     {"names": ["bpf"], "action": "SCMP_ACT_KILL_PROCESS"}]}}})");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed.value().seccomp->rules, 2U);
}

TEST(ContainerOf, RefusesWhatReadsTwoWaysAndValuesOfAnotherKind) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"root": {}})", "names no root filesystem"},
      {R"({"root": {"path": "/r", "readonly": 1}})", "must be true or false"},
      {R"({"root": {"path": "/r"}, "process": {"user": {"uid": -1}}})", "user or group id"},
      {R"({"root": {"path": "/r"}, "process": {"user": {"additionalGids": ["1"]}}})", "line 1"},
      {R"({"root": {"path": "/r"}, "process": {"noNewPrivileges": "yes"}})", "true or false"},
      {R"({"root": {"path": "/r"}, "process": {"NoNewPrivileges": false}})", "NoNewPrivileges"},
      {R"({"root": {"path": "/r"}, "process": {"capabilities": {"ambient": "CAP_KILL"}}})",
       "must be a list"},
      {R"({"root": {"path": "/r"}, "linux": {"namespaces": [7]}})", "not an object"},
      {R"({"root": {"path": "/r"}, "linux": {"resources": {"pids": {"limit": 1.5}}}})",
       "whole number"},
      {R"({"root": {"path": "/r"}, "linux": {"resources": {"memory": {"limit": 1e3}}}})",
       "whole number"},
      {R"({"root": {"path": "/r"}, "mounts": [{"source": "/a\u0000b"}]})", "NUL"},
      {R"({"root": {"path": "/r"}, "process": {"user": {"gid": 4294967295}}})", "group id"},
      {R"({"root": {"path": "/r"}, "process": {"user": {"additionalGids": [4294967295]}}})",
       "no group id"},
      {R"({"root": {"path": "/r"}, "linux": {"seccomp": {"syscalls": [{"names": [5]}]}}})",
       "no name of a system call"},
      {R"({"root": {"path": "/r"}, "linux": {"seccomp": {"syscalls": [{"names": [null]}]}}})",
       "no name of a system call"},
      {R"({"root": {"path": "/r"}, "linux": {"seccomp": {"syscalls": [{"action": 5}]}}})",
       "must be a string"},
  };
  for (const auto& [text, why] : cases) {
    const Result<ContainerConfig> parsed = Parse(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr(why)) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr("\"config.json\"")) << text;
  }
}

TEST(ProcessConfig, TellsNoCapabilitiesFromEmptyOnes) {
  EXPECT_FALSE(ParseProcessConfig(R"({"args": []})", "p").value().capabilities);
  EXPECT_TRUE(ParseProcessConfig(R"({"capabilities": {}})", "p").value().capabilities);
  EXPECT_FALSE(ParseProcessConfig("[]", "p").ok());
}

TEST(Resources, AreReadFromAnUpdate) {
  const Result<ResourceLimits> limits =
      ParseResources(R"({"memory": {"limit": -1}, "devices": [{"allow": true}]})", "stdin");
  ASSERT_TRUE(limits.ok()) << limits.error().message;
  EXPECT_EQ(limits.value().memory_limit, -1);
  EXPECT_TRUE(limits.value().devices[0].allow);
  EXPECT_FALSE(ParseResources("7", "stdin").ok());
}

TEST(Resources, SayThatCpuIsSpelledOtherwise) {
  const auto respelled = [](const std::string& text) {
    return ParseResources(text, "stdin").value().cpu_respelled;
  };
  EXPECT_FALSE(respelled(R"({"cpu": {"quota": 6}})"));
  EXPECT_TRUE(respelled(R"({"CPU": {"Cpus": "0"}})"));
  EXPECT_TRUE(respelled(R"({"cpu": {"quota": 6}, "Cpu": {"quota": 5}})"));
  EXPECT_FALSE(ParseResources(R"({"Memory": {}})", "stdin").ok());
}

}  // namespace
}  // namespace runward
