#include "policy/compliance.h"

#include <gmock/gmock.h>

#include <functional>

#include "policy/capabilities.h"
#include "policy/compliance_items.h"
#include "tests/policy/controls_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

struct Asked {
  ContainerConfig config = test::Harmless();
  HostView host;

  // A bind mount of a path of the host.
  void Bind(const std::string& path, bool read_only = false) {
    host.sources.push_back({.mount = config.mounts.size(), .path = path});
    config.mounts.push_back(
        {.destination = "/mnt", .source = path, .bind = true, .read_only = read_only});
  }
  void Join(const std::string& type, bool hosts) {
    for (NamespaceConfig& one : config.namespaces) {
      if (one.type == type) one.path = "/proc/7/ns/" + type;
    }
    if (hosts) host.host_namespaces.push_back(type);
  }
  void Share(const std::string& type) {
    std::erase_if(config.namespaces, [&](const auto& one) { return one.type == type; });
  }
  void Capabilities(std::vector<std::string> words) {
    config.process.capabilities = CapabilitySets{.bounding = std::move(words)};
  }
};

CheckResult Result(const Asked& asked, const std::string& id) {
  for (CheckResult& check : CheckCompliance(asked.config, asked.host)) {
    if (check.id == id) return check;
  }
  return {.id = "none"};
}

std::vector<std::string> AllNames() {
  std::vector<std::string> names;
  for (const Capability& one : Capabilities()) names.push_back("CAP_" + std::string(one.name));
  return names;
}

void Privilege(Asked& a) {
  a.Capabilities(AllNames());
  a.config.seccomp.reset();
  a.config.masked_paths.clear();
  a.config.read_only_paths.clear();
  a.config.resources.devices = {{.allow = true, .access = "rwm"}};
}

constexpr CheckStatus kPass = CheckStatus::kPass;
constexpr CheckStatus kWarn = CheckStatus::kWarn;
constexpr CheckStatus kFail = CheckStatus::kFail;
constexpr CheckStatus kUndecided = CheckStatus::kUndecided;

struct Case {
  const char* id;
  std::function<void(Asked&)> change;
  CheckStatus status;
  const char* detail;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {"5.2", [](Asked&) {}, kWarn, "no profile"},
      {"5.2", [](Asked& a) { a.config.process.apparmor_profile = "docker-default"; }, kPass,
       "dock"},
      {"5.2", [](Asked& a) { a.config.process.apparmor_profile = "unconfined"; }, kFail, "unconf"},
      {"5.2", [](Asked& a) { a.config.process.selinux_label = "u:r:t:s0"; }, kUndecided, "SELinux"},
      {"5.3", [](Asked&) {}, kWarn, "no label"},
      {"5.3", [](Asked& a) { a.config.process.selinux_label = "u:r:container_t:s0"; }, kPass,
       "u:r"},
      {"5.3", [](Asked& a) { a.config.process.selinux_label = "u:r:spc_t:s0"; }, kFail, "spc_t"},
      {"5.3", [](Asked& a) { a.config.process.apparmor_profile = "p"; }, kUndecided, "AppArmor"},
      {"5.4",
       [](Asked& a) {
         a.Capabilities({"CAP_CHOWN", "CAP_NET_RAW"});
       },
       kPass, ""},
      {"5.4", [](Asked& a) { a.Capabilities({"cap_sys_admin"}); }, kFail, "SYS_ADMIN"},
      {"5.4", [](Asked& a) { a.Capabilities({"CAP_TOMORROW"}); }, kWarn, "CAP_TOMORROW"},
      {"5.4", [](Asked& a) { a.Capabilities(AllNames()); }, kFail, "all"},
      {"5.4",
       [](Asked& a) { a.config.process.capabilities = CapabilitySets{.ambient = {"CAP_BPF"}}; },
       kFail, "BPF"},
      {"5.5", [](Asked& a) { a.Capabilities({"CAP_CHOWN"}); }, kPass, ""},
      {"5.5", [](Asked& a) { a.Capabilities(AllNames()); }, kWarn, "all capabilities"},
      {"5.5",
       [](Asked& a) {
         a.config.resources.devices = {{.allow = true, .type = "ax", .major = 1, .access = "m"}};
       },
       kWarn, "all devices"},
      {"5.5", Privilege, kFail, "privileged"},
      {"5.6", [](Asked& a) { a.Bind("/var/lib/docker/containers/c/hosts"); }, kPass, ""},
      {"5.6", [](Asked& a) { a.Bind("/etcetera"); }, kPass, ""},
      {"5.6", [](Asked& a) { a.Bind("/dev/shm"); }, kPass, ""},
      {"5.6", [](Asked& a) { a.Bind("/", true); }, kFail, "/"},
      {"5.6", [](Asked& a) { a.Bind("/usr", true); }, kFail, "/usr"},
      {"5.6", [](Asked& a) { a.Bind("/usr/share/zoneinfo", true); }, kWarn, "read-only"},
      {"5.6", [](Asked& a) { a.Bind("/etc/cron.d"); }, kFail, "/etc/cron.d"},
      {"5.10", [](Asked&) {}, kPass, ""},
      {"5.10", [](Asked& a) { a.Share("network"); }, kFail, "the host's"},
      {"5.10", [](Asked& a) { a.Join("network", false); }, kPass, "another"},
      {"5.10", [](Asked& a) { a.Join("network", true); }, kFail, "by its path"},
      {"5.11", [](Asked&) {}, kPass, ""},
      {"5.11", [](Asked& a) { a.config.resources.memory_limit = -1; }, kFail, "no limit"},
      {"5.12", [](Asked& a) { a.config.resources.cpu_quota.reset(); }, kFail, "neither"},
      {"5.13", [](Asked& a) { a.config.read_only_root = false; }, kFail, "writable"},
      {"5.16", [](Asked& a) { a.Share("pid"); }, kFail, "the host's"},
      {"5.17", [](Asked& a) { a.Share("ipc"); }, kFail, "the host's"},
      {"5.18", [](Asked& a) { a.config.devices = {{.path = "/dev/null"}}; }, kPass, ""},
      {"5.18", [](Asked& a) { a.config.devices = {{.path = "/dev/kvm"}}; }, kFail, "/dev/kvm"},
      {"5.18",
       [](Asked& a) {
         a.config.resources.devices = {
             {.allow = false, .access = "rwm"},
             {.allow = true, .type = "c", .access = "m"},
             {.allow = true, .type = "c", .major = 136, .access = "rwm"},
             {.allow = true, .type = "c", .major = 10, .minor = 229, .access = "rwm"}};
       },
       kPass, ""},
      {"5.18",
       [](Asked& a) {
         a.config.resources.devices = {{.allow = true, .type = "a", .access = "m"},
                                       {.allow = true, .type = "b", .major = 8, .access = "r"}};
       },
       kFail, "access to a *:*, access to b 8:*"},
      {"5.19", [](Asked&) {}, kUndecided, "none"},
      {"5.19", [](Asked& a) { a.config.process.rlimits = {{.type = "RLIMIT_CPU"}}; }, kPass, ""},
      {"5.20", [](Asked& a) { a.config.mounts[0].options = {"rslave"}; }, kPass, ""},
      {"5.20", [](Asked& a) { a.config.mounts[0].options = {"rshared"}; }, kFail, "/proc"},
      {"5.20", [](Asked& a) { a.config.rootfs_propagation = "shared"; }, kFail, "root"},
      {"5.21", [](Asked& a) { a.Share("uts"); }, kFail, "the host's"},
      {"5.22", [](Asked& a) { a.config.seccomp.reset(); }, kFail, "unconfined"},
      {"5.22", [](Asked& a) { a.config.seccomp->allows_unnamed = true; }, kWarn, "allows"},
      {"5.22", [](Asked& a) { *a.config.seccomp = {.allows_unnamed = true}; }, kFail, "nothing"},
      {"5.25", [](Asked& a) { a.config.cgroups_path = "system.slice:docker:c"; }, kPass, ""},
      {"5.25", [](Asked& a) { a.config.cgroups_path = "/mine/c"; }, kWarn, "/mine/c"},
      {"5.26", [](Asked&) {}, kPass, ""},
      {"5.26", [](Asked& a) { a.config.process.no_new_privileges = false; }, kFail, "not set"},
      {"5.29", [](Asked& a) { a.config.resources.pids_limit = 0; }, kFail, "no limit"},
      {"5.29",
       [](Asked& a) {
         a.config.resources.pids_limit.reset();
         a.config.resources.unified = {{"pids.max", "10"}};
       },
       kPass, ""},
      {"5.31", [](Asked&) {}, kWarn, "the host's"},
      {"5.31",
       [](Asked& a) {
         a.config.namespaces.push_back({"user", ""});
       },
       kPass, ""},
      {"5.32", [](Asked& a) { a.Bind("/srv/data"); }, kPass, ""},
      {"5.32", [](Asked& a) { a.Bind("/srv/docker.sock"); }, kFail, "/srv/docker.sock"},
      {"5.32", [](Asked& a) { a.Bind("/run", true); }, kFail, "/run"},
  };
  return cases;
}

TEST(Compliance, FindsWhatEachItemIsAbout) {
  for (const Case& one : Cases()) {
    Asked asked;
    one.change(asked);
    const CheckResult result = Result(asked, one.id);
    EXPECT_EQ(result.status, one.status) << one.id << " " << result.detail;
    EXPECT_THAT(result.detail, HasSubstr(one.detail)) << one.id;
    if (*one.detail == '\0') {
      EXPECT_EQ(result.detail, "") << one.id;
    }
  }
}

TEST(Compliance, ChecksAllItemsThatAConfigurationCanDecideInOrder) {
  const std::vector<CheckResult> results = CheckCompliance(Asked().config, {});
  size_t at = 0;
  for (const ComplianceItem& item : ComplianceItems()) {
    if (!item.undecidable.empty()) continue;
    ASSERT_LT(at, results.size());
    EXPECT_EQ(results[at++].id, item.id);
  }
  EXPECT_EQ(at, results.size());
}

TEST(Compliance, OfAnEmptyConfigurationNothingIsAssumed) {
  for (const CheckResult& result : CheckCompliance({}, {})) {
    if (result.id == "5.16" || result.id == "5.11" || result.id == "5.22") {
      EXPECT_EQ(result.status, kFail) << result.id;
    }
  }
}

}  // namespace
}  // namespace runward
