#include <algorithm>
#include <array>
#include <string_view>

#include "policy/compliance_parts.h"

namespace runward {
namespace {

using std::string_view;

// Parts of the paths that engines choose by themselves.
constexpr std::array<string_view, 8> kEnginePaths = {"/default/",        "/docker/", "/k8s.io/",
                                                     ":cri-containerd:", ":crio:",   ":docker:",
                                                     "kubepods",         "libpod"};

// Whether cgroup v2's own file is set, as runc writes it: "max" is no limit.
bool Unified(const CheckInput& input, string_view file) {
  return std::ranges::any_of(input.config.resources.unified, [&](const auto& one) {
    return one.first == file && !one.second.empty() && !one.second.starts_with("max");
  });
}

}  // namespace

Checked CheckReadOnlyRoot(const CheckInput& input) {
  if (input.config.read_only_root) return {};
  return {CheckStatus::kFail, "writable"};
}

Checked CheckMemory(const CheckInput& input) {
  if (input.config.resources.memory_limit.value_or(0) > 0) return {};
  if (Unified(input, "memory.max")) return {};
  return {CheckStatus::kFail, "no limit"};
}

Checked CheckCpu(const CheckInput& input) {
  const ResourceLimits& limits = input.config.resources;
  if (limits.cpu_respelled) return {CheckStatus::kUndecided, "\"cpu\" is spelled otherwise"};
  if (limits.cpu_shares.value_or(0) > 0 || limits.cpu_quota.value_or(0) > 0) return {};
  if (Unified(input, "cpu.weight") || Unified(input, "cpu.max")) return {};
  return {CheckStatus::kFail, "neither shares nor a quota"};
}

Checked CheckPids(const CheckInput& input) {
  if (input.config.resources.pids_limit.value_or(0) > 0) return {};
  if (Unified(input, "pids.max")) return {};
  return {CheckStatus::kFail, "no limit"};
}

Checked CheckRlimits(const CheckInput& input) {
  if (!input.config.process.rlimits.empty()) return {};
  return {CheckStatus::kUndecided, "none; whether the engine's defaults suit is not said"};
}

Checked CheckCgroup(const CheckInput& input) {
  const std::string& path = input.config.cgroups_path;
  const bool engines = std::ranges::any_of(
      kEnginePaths, [&](string_view part) { return path.find(part) != std::string::npos; });
  if (path.empty() || engines) return {};
  return {CheckStatus::kWarn, path};
}

}  // namespace runward
