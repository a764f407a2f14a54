#include <algorithm>
#include <array>

#include "policy/capabilities.h"
#include "policy/compliance_parts.h"

namespace runward {
namespace {

// Docker's default set: AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD,
// NET_BIND_SERVICE, NET_RAW, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT.
constexpr std::array kDefault = {29, 0, 1, 3, 4, 5, 27, 10, 13, 31, 6, 8, 7, 18};
constexpr int kOldKernels = 37;  // up to here each kernel that runward runs on knows them all

CapabilityMask DefaultMask() {
  CapabilityMask mask = 0;
  for (const int number : kDefault) mask |= MaskOf(number);
  return mask;
}

// All five sets together; words that are no capability here go to `unknown`.
CapabilityMask Asked(const ContainerConfig& config, std::string& unknown) {
  CapabilityMask mask = 0;
  if (!config.process.capabilities) return mask;
  const CapabilitySets& sets = *config.process.capabilities;
  for (const auto* set :
       {&sets.bounding, &sets.effective, &sets.inheritable, &sets.permitted, &sets.ambient}) {
    for (const std::string& word : *set) {
      const std::optional<int> number = CapabilityOf(word);
      if (number) mask |= MaskOf(*number);
      if (!number && unknown.empty()) unknown = word;
    }
  }
  return mask;
}

bool HasAll(CapabilityMask mask) {
  const CapabilityMask old = MaskOf(kOldKernels + 1) - 1;
  return (mask & old) == old;
}

bool AllDevices(const ContainerConfig& config) {
  return std::ranges::any_of(config.resources.devices, [](const DeviceRule& rule) {
    // Whatever its numbers and access say: so do runtimes take it.
    return rule.allow && (rule.type.empty() || rule.type.front() == 'a');
  });
}

}  // namespace

Checked CheckAppArmor(const CheckInput& input) {
  const std::string& profile = input.config.process.apparmor_profile;
  if (profile == "unconfined") return {CheckStatus::kFail, "unconfined"};
  if (!profile.empty()) return {CheckStatus::kPass, profile};
  if (!input.config.process.selinux_label.empty()) {
    return {CheckStatus::kUndecided, "SELinux confines it"};
  }
  return {CheckStatus::kWarn, "no profile; the host may have none to give"};
}

Checked CheckSelinux(const CheckInput& input) {
  const std::string& label = input.config.process.selinux_label;
  if (label.find(":spc_t:") != std::string::npos) return {CheckStatus::kFail, label};
  if (!label.empty()) return {CheckStatus::kPass, label};
  const std::string& profile = input.config.process.apparmor_profile;
  if (!profile.empty() && profile != "unconfined") {
    return {CheckStatus::kUndecided, "AppArmor confines it"};
  }
  return {CheckStatus::kWarn, "no label; the host may have none to give"};
}

Checked CheckCapabilities(const CheckInput& input) {
  std::string unknown;
  const CapabilityMask asked = Asked(input.config, unknown);
  const CapabilityMask more = asked & ~DefaultMask();
  if (HasAll(asked)) return {CheckStatus::kFail, "all"};
  if (more != 0) return {CheckStatus::kFail, DescribeCapabilities(more)};
  if (!unknown.empty()) return {CheckStatus::kWarn, "unknown: " + unknown};
  return {};
}

// What engines make of --privileged: all capabilities, all devices, nothing hidden, no filter.
Checked CheckPrivileged(const CheckInput& input) {
  const ContainerConfig& config = input.config;
  std::string unknown;
  const bool all = HasAll(Asked(config, unknown));
  const bool devices = AllDevices(config);
  const bool open = config.masked_paths.empty() && config.read_only_paths.empty();
  if (all && devices && open && !config.seccomp) return {CheckStatus::kFail, "privileged"};
  if (all && devices) return {CheckStatus::kFail, "all capabilities and all devices"};
  if (all) return {CheckStatus::kWarn, "all capabilities"};
  if (devices) return {CheckStatus::kWarn, "all devices"};
  return {};
}

Checked CheckSeccomp(const CheckInput& input) {
  const auto& seccomp = input.config.seccomp;
  if (!seccomp) return {CheckStatus::kFail, "unconfined"};
  if (seccomp->allows_unnamed && seccomp->rules == 0) {
    return {CheckStatus::kFail, "a profile that denies nothing"};
  }
  if (seccomp->allows_unnamed) {
    return {CheckStatus::kWarn, "a profile that allows what it does not name"};
  }
  return {};
}

Checked CheckNoNewPrivileges(const CheckInput& input) {
  if (input.config.process.no_new_privileges) return {};
  return {CheckStatus::kFail, "noNewPrivileges is not set"};
}

}  // namespace runward
