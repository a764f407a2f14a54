#include <algorithm>
#include <array>
#include <set>

#include "policy/control_parts.h"
#include "policy/wording.h"

namespace runward {
namespace {

// Those of every kernel since 3.16: who has these has them all.
constexpr CapabilityMask kEveryOne = (CapabilityMask{1} << 37) - 1;
constexpr int kSysAdmin = 21;

struct Asked {
  CapabilityMask known = 0;
  std::vector<std::string> unknown;
};

// All five sets: what hides in the ambient or the inheritable one can be had no less.
Asked AllOf(const CapabilitySets& sets) {
  Asked asked;
  const std::array lists = {&sets.bounding, &sets.effective, &sets.inheritable, &sets.permitted,
                            &sets.ambient};
  for (const std::vector<std::string>* list : lists) {
    for (const std::string& word : *list) {
      if (const auto number = CapabilityOf(word)) {
        asked.known |= MaskOf(*number);
      } else if (std::ranges::find(asked.unknown, word) == asked.unknown.end()) {
        asked.unknown.push_back(word);
      }
    }
  }
  return asked;
}

// As the kernel reads what is written to such a file: without space around it.
bool IsMax(std::string_view value) {
  const size_t start = value.find_first_not_of(" \t\n\v\f\r");
  return start == std::string_view::npos || value.substr(start).starts_with("max");
}

bool UnifiedLimit(const ResourceLimits& limits, std::string_view file, bool& present) {
  for (const auto& [key, value] : limits.unified) {
    if (key != file) continue;
    present = true;
    return !IsMax(value);
  }
  return false;
}

// Of what every engine hides or write-protects, the files by which a container reaches the kernel.
bool CoversKernelFiles(const ContainerConfig& config) {
  constexpr std::array<std::string_view, 3> kFiles = {"/proc/kcore", "/proc/sys",
                                                      "/proc/sysrq-trigger"};
  return std::ranges::all_of(kFiles, [&](std::string_view file) {
    const auto covers = [&](const std::string& path) { return path == file || path == "/proc"; };
    return std::ranges::any_of(config.masked_paths, covers) ||
           std::ranges::any_of(config.read_only_paths, covers);
  });
}

// Whether the limit is there; `present`: whether it is mentioned.
bool HasLimit(const ResourceLimits& limits, std::string_view name, bool& present) {
  std::optional<int64_t> value = limits.cpu_quota;
  std::string_view file = "cpu.max";
  if (name == "memory") {
    value = limits.memory_limit;
    file = "memory.max";
  } else if (name == "pids") {
    value = limits.pids_limit;
    file = "pids.max";
  }
  const bool respelled = name == "cpu" && limits.cpu_respelled;
  if (respelled) value.reset();
  present = value.has_value() || respelled;
  bool unified_present = false;
  const bool unified = UnifiedLimit(limits, file, unified_present);
  present |= unified_present;
  // The unified file is written after the other.
  return unified_present ? unified : value.value_or(0) > 0;
}

}  // namespace

void JudgeAccounts(const RunRule& rule, const ProcessConfig& process, bool user, bool groups,
                   std::vector<RunFinding>& findings) {
  if (user && !Permits(rule.users, process.uid)) {
    findings.push_back(
        {"users", "user " + std::to_string(process.uid), DescribeAccounts(rule.users)});
  }
  if (!groups || !rule.groups.limited) return;
  std::set<uint32_t> excess;  // engines name the first group among the additional ones again
  const auto look = [&](uint32_t gid) {
    if (!Permits(rule.groups, gid)) excess.insert(gid);
  };
  look(process.gid);
  for (const uint32_t gid : process.additional_gids) look(gid);
  std::string asked;
  for (const uint32_t gid : excess) {
    asked += (asked.empty() ? "group " : ", ") + std::to_string(gid);
  }
  if (!asked.empty()) findings.push_back({"groups", asked, DescribeAccounts(rule.groups)});
}

void JudgeCapabilities(const RunRule& rule, const CapabilitySets& sets,
                       std::vector<RunFinding>& findings) {
  if (!rule.capabilities) return;
  const Asked asked = AllOf(sets);
  const CapabilityMask excess = asked.known & ~*rule.capabilities;
  if (excess == 0 && asked.unknown.empty()) return;
  std::string text = excess == 0 ? "" : DescribeCapabilities(excess);
  for (const std::string& word : asked.unknown) {
    text += (text.empty() ? "unknown " : ", unknown ") + Quoted(word);
  }
  findings.push_back({"capabilities", text, DescribeCapabilities(*rule.capabilities)});
}

void JudgeAllCapabilities(const RunRule& rule, const CapabilitySets& sets,
                          std::vector<RunFinding>& findings) {
  if (rule.privileged_allowed || (AllOf(sets).known & kEveryOne) != kEveryOne) return;
  findings.push_back({"privileged", "all capabilities", "a container that is not privileged"});
}

void JudgeNewPrivileges(const RunRule& rule, const ProcessConfig& process,
                        std::vector<RunFinding>& findings) {
  if (!rule.no_new_privileges || process.no_new_privileges) return;
  findings.push_back({"noNewPrivileges", "new privileges by set-user-id programs", "none"});
}

void JudgePrivileged(const RunRule& rule, const ContainerConfig& config,
                     std::vector<RunFinding>& findings) {
  if (rule.privileged_allowed) return;
  const Asked asked = config.process.capabilities ? AllOf(*config.process.capabilities) : Asked{};
  std::string text;
  const auto add = [&text](bool found, const char* what) {
    if (found) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(AllowsAllDevices(config.resources.devices, /*fresh=*/true), "all devices");
  add((asked.known & kEveryOne) == kEveryOne, "all capabilities");
  add((asked.known & MaskOf(kSysAdmin)) != 0 && !CoversKernelFiles(config),
      "SYS_ADMIN with the kernel's files unmasked");
  if (!text.empty()) {
    findings.push_back({"privileged", text, "a container that is not privileged"});
  }
}

RunRule RuleForExecs(RunRule rule, const ContainerConfig& config) {
  if (rule.privileged_allowed || CoversKernelFiles(config)) return rule;
  rule.capabilities = rule.capabilities.value_or(AllCapabilities()) & ~MaskOf(kSysAdmin);
  return rule;
}

void JudgeLimits(const RunRule& rule, const ResourceLimits& limits, bool update,
                 std::vector<RunFinding>& findings) {
  constexpr size_t kCount = std::size(kLimitNames);
  unsigned lacking = 0;
  for (size_t i = 0; i < kCount; ++i) {
    if ((rule.limits >> i & 1U) == 0) continue;
    bool present = false;
    const bool limited = HasLimit(limits, kLimitNames[i], present);
    if (!limited && (present || !update)) lacking |= 1U << i;
  }
  if (lacking == 0) return;
  const bool respelled = limits.cpu_respelled && (lacking & 1U) != 0;
  findings.push_back({"limits",
                      "no limit of " + DescribeNames(lacking, kLimitNames, kCount) +
                          (respelled ? "; \"cpu\" is spelled otherwise" : ""),
                      "limits of " + DescribeNames(rule.limits, kLimitNames, kCount)});
}

}  // namespace runward
