#include "policy/controls.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "policy/control_parts.h"
#include "policy/wording.h"

namespace runward {
namespace {

constexpr size_t kMaxReason = 900;   // bytes of findings in one sentence
constexpr size_t kMaxAsked = 300;    // of one finding's half
constexpr size_t kMaxFindings = 64;  // named one by one

void JudgeNamespaces(const RunRule& rule, const ContainerConfig& config, const HostView& host,
                     std::vector<RunFinding>& findings) {
  if (!rule.host_namespaces) return;
  constexpr size_t kCount = std::size(kGovernedNamespaces);
  unsigned shared = 0;
  for (size_t i = 0; i < kCount; ++i) {
    const std::string type(kGovernedNamespaces[i]);
    const NamespaceUse use = UseOf(config, type);
    const bool joins_host =
        use == NamespaceUse::kJoined &&
        std::ranges::find(host.host_namespaces, type) != host.host_namespaces.end();
    if (use == NamespaceUse::kHost || joins_host) shared |= 1U << i;
  }
  const unsigned excess = shared & ~*rule.host_namespaces;
  if (excess == 0) return;
  findings.push_back({"hostNamespaces", DescribeNames(excess, kGovernedNamespaces, kCount),
                      DescribeNames(*rule.host_namespaces, kGovernedNamespaces, kCount)});
}

void JudgeRoot(const RunRule& rule, const ContainerConfig& config,
               std::vector<RunFinding>& findings) {
  if (!rule.read_only_root || config.read_only_root) return;
  findings.push_back({"readOnlyRoot", "a writable root filesystem", "a read-only one"});
}

void JudgeSyscalls(const RunRule& rule, const ContainerConfig& config,
                   std::vector<RunFinding>& findings) {
  const bool filters = !rule.denied_syscalls.empty() || !rule.unconfined_allowed;
  if (!filters) return;
  for (const auto& [key, value] : config.annotations) {
    if (!TouchesSeccomp(key)) continue;
    findings.push_back(
        {"syscalls", "a filter of its own by the annotation " + Quoted(key), "none by annotation"});
  }
  const bool none =
      !config.seccomp || (config.seccomp->allows_unnamed && config.seccomp->rules == 0);
  if (rule.unconfined_allowed || !none) return;
  findings.push_back({"syscalls", "no seccomp profile", "one of the engine's"});
}

void JudgeGroupAnnotation(const RunRule& rule, const ContainerConfig& config,
                          std::vector<RunFinding>& findings) {
  if (!rule.groups.limited) return;
  for (const auto& [key, value] : config.annotations) {
    if (key != "run.oci.keep_original_groups") continue;
    findings.push_back({"groups", "the runtime's own groups by the annotation " + Quoted(key),
                        DescribeAccounts(rule.groups)});
  }
}

// runc and crun hand annotations of this prefix to systemd as properties of the container's unit,
// over what config.json says itself: TasksMax, MemoryMax, DeviceAllow and the like.
bool SetsUnitProperty(std::string_view key) {
  constexpr std::string_view kPrefix = "org.systemd.property.";
  constexpr std::array<std::string_view, 4> kHarmless = {"CollectMode", "Description",
                                                         "TimeoutStopSec", "TimeoutStopUSec"};
  if (!key.starts_with(kPrefix)) return false;
  return std::ranges::find(kHarmless, key.substr(kPrefix.size())) == kHarmless.end();
}

// The first of the rule's controls that hold by the container's cgroups; "" for none.
std::string CgroupControl(const RunRule& rule) {
  if (rule.limits != 0) return "limits";
  if (rule.devices) return "devices";
  return rule.privileged_allowed ? "" : "privileged";
}

void JudgeUnitProperties(const RunRule& rule, const ContainerConfig& config,
                         std::vector<RunFinding>& findings) {
  const std::string control = CgroupControl(rule);
  if (control.empty()) return;
  for (const auto& [key, value] : config.annotations) {
    if (!SetsUnitProperty(key)) continue;
    findings.push_back({control, "a property of its systemd unit by the annotation " + Quoted(key),
                        "none by annotation"});
  }
}

// crun opens these files as the host's root, to append what hooks print.
void JudgeHookFiles(const ContainerConfig& config, std::vector<RunFinding>& findings) {
  for (const auto& [key, value] : config.annotations) {
    if (key != "run.oci.hooks.stdout" && key != "run.oci.hooks.stderr") continue;
    findings.push_back({"mounts",
                        "a file of the host's to write to, by the annotation " + Quoted(key),
                        "none by annotation"});
  }
}

// What a person can do about a finding; docker's options stand for any engine's.
struct Less {
  std::string_view control;
  std::string_view advice;
};
constexpr std::array<Less, 13> kLess = {{
    {"capabilities", "drop what it need not have (--cap-drop)"},
    {"devices", "leave the device out (--device)"},
    {"groups", "run it in other groups (--user, --group-add)"},
    {"hostNamespaces", "give it namespaces of its own (--network, --pid, --ipc, --uts)"},
    {"limits", "give it limits (--cpus, --memory, --pids-limit)"},
    {"mounts", "leave the mount out, or mount what is not the host's"},
    {"noNewPrivileges", "forbid new privileges (--security-opt no-new-privileges)"},
    {"pivotRoot", "leave --no-pivot out"},
    {"preserveFds", "leave --preserve-fds and LISTEN_FDS out"},
    {"privileged", "leave --privileged out"},
    {"readOnlyRoot", "make its root read-only (--read-only)"},
    {"syscalls", "leave it the engine's seccomp profile (--security-opt)"},
    {"users", "run it as another user (--user)"},
}};

std::string_view LessOf(std::string_view control) {
  const auto less = std::ranges::find(kLess, control, &Less::control);
  return less == kLess.end() ? "ask for less" : less->advice;
}

std::string Sentence(const RunFinding& finding) {
  return Tame(finding.asked, kMaxAsked) + " (allowed: " + Tame(finding.allowed, kMaxAsked) + ")";
}

}  // namespace

bool TouchesSeccomp(std::string_view annotation) {
  return annotation.starts_with("run.oci.seccomp") &&
         annotation != "run.oci.seccomp_fail_unknown_syscall";
}

std::vector<RunFinding> JudgeContainer(const RunRule& rule, const ContainerConfig& config,
                                       const HostView& host) {
  std::vector<RunFinding> findings;
  JudgePrivileged(rule, config, findings);
  JudgeAccounts(rule, config.process, true, true, findings);
  JudgeGroupAnnotation(rule, config, findings);
  // Without any, a container's process has none.
  if (config.process.capabilities) {
    JudgeCapabilities(rule, *config.process.capabilities, findings);
  }
  JudgeNewPrivileges(rule, config.process, findings);
  JudgeNamespaces(rule, config, host, findings);
  JudgeMounts(rule, config, host, findings);
  JudgeHookFiles(config, findings);
  JudgeDevices(rule, config.devices, config.resources.devices, host, findings);
  JudgeRoot(rule, config, findings);
  JudgeLimits(rule, config.resources, /*update=*/false, findings);
  JudgeUnitProperties(rule, config, findings);
  JudgeSyscalls(rule, config, findings);
  return findings;
}

std::vector<RunFinding> JudgeExec(const RunRule& rule, const ExecAsked& asked) {
  std::vector<RunFinding> findings;
  const ProcessConfig& process = *asked.process;
  JudgeAccounts(rule, process, asked.user, asked.groups, findings);
  if (process.capabilities) {
    JudgeAllCapabilities(rule, *process.capabilities, findings);
    JudgeCapabilities(rule, *process.capabilities, findings);
  }
  if (asked.no_new_privileges) JudgeNewPrivileges(rule, process, findings);
  return findings;
}

std::vector<RunFinding> JudgeCall(const RunRule& rule, const CallAsked& asked) {
  std::vector<RunFinding> findings;
  const std::string control = CgroupControl(rule);
  if (!asked.cgroup.empty() && !control.empty()) {
    findings.push_back({control, asked.cgroup, "the container's own cgroups"});
  }
  if (rule.pivot_root && asked.no_pivot) {
    findings.push_back({"pivotRoot", "a root by chroot, with --no-pivot", "one by pivot_root"});
  }
  if (!rule.preserve_fds && asked.fds > 0) {
    findings.push_back({"preserveFds", std::to_string(asked.fds) + " open files of its caller's",
                        "standard input, output and error"});
  }
  return findings;
}

std::vector<RunFinding> JudgeUpdate(const RunRule& rule, const ResourceLimits& limits,
                                    const HostView& host) {
  std::vector<RunFinding> findings;
  if (!limits.devices.empty()) {
    if (!rule.privileged_allowed && AllowsAllDevices(limits.devices, /*fresh=*/false)) {
      findings.push_back({"privileged", "all devices", "a container that is not privileged"});
    }
    JudgeDeviceRules(rule, {}, limits.devices, /*fresh=*/false, host, findings);
  }
  JudgeLimits(rule, limits, /*update=*/true, findings);
  return findings;
}

Decision WithFindings(Decision decision, const std::vector<RunFinding>& findings) {
  if (findings.empty()) return decision;
  std::string text;
  size_t told = 0;
  for (const RunFinding& finding : findings) {
    const std::string sentence = finding.control + ": " + Sentence(finding);
    if (told > 0 && text.size() + sentence.size() > kMaxReason) break;
    text += (told == 0 ? "" : "; ") + sentence;
    ++told;
  }
  if (told < findings.size()) text += "; and " + std::to_string(findings.size() - told) + " more";
  for (size_t i = 0; i < std::min(findings.size(), kMaxFindings); ++i) {
    decision.warnings.push_back("run." + findings[i].control + ": " + Sentence(findings[i]));
  }
  // What is refused for its image is refused for that; the findings are said all the same.
  if (decision.outcome != Outcome::kAllow) return decision;
  decision.outcome = decision.mode == Mode::kAudit ? Outcome::kWouldDeny : Outcome::kDeny;
  decision.rule = "run." + findings.front().control;
  decision.reason = (decision.profile.empty() ? "runward" : "profile " + Quoted(decision.profile)) +
                    " does not allow " + text;
  decision.hint = std::string(LessOf(findings.front().control)) +
                  ", or change the profile's \"run\" (man 5 runward-policy)";
  return decision;
}

}  // namespace runward
