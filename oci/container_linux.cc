#include "oci/container_linux.h"

#include <algorithm>
#include <array>

#include "oci/container.h"
#include "oci/spec_fields.h"

namespace runward {
namespace {

// Actions after which the call is not made. What is not known is none of them.
constexpr std::array<std::string_view, 5> kDenying = {"SCMP_ACT_ERRNO", "SCMP_ACT_KILL",
                                                      "SCMP_ACT_KILL_PROCESS",
                                                      "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP"};

bool Denies(std::string_view action) {
  return std::ranges::find(kDenying, action) != kDenying.end();
}

Result<DeviceRule> DeviceRuleOf(JsonValue value) {
  DeviceRule rule{.allow = TRY(BoolField(value, "allow"))};
  rule.type = TRY(TextField(value, "type"));
  rule.major = TRY(IntField(value, "major"));
  rule.minor = TRY(IntField(value, "minor"));
  rule.access = TRY(TextField(value, "access"));
  return rule;
}

Result<DeviceNode> DeviceOf(JsonValue value) {
  DeviceNode node{.path = TRY(TextField(value, "path"))};
  node.type = TRY(TextField(value, "type"));
  node.major = TRY(IntField(value, "major")).value_or(0);
  node.minor = TRY(IntField(value, "minor")).value_or(0);
  node.file_mode = TRY(IntField(value, "fileMode"));
  return node;
}

Result<void> ReadMemory(JsonValue resources, ResourceLimits& limits) {
  const JsonValue memory = TRY(ObjectField(resources, "memory"));
  limits.memory_limit = TRY(IntField(memory, "limit"));
  limits.memory_swap = TRY(IntField(memory, "swap"));
  limits.memory_reservation = TRY(IntField(memory, "reservation"));
  limits.disable_oom_killer = TRY(BoolField(memory, "disableOOMKiller"));
  return {};
}

// Not refused here, as other keys are: runc's own tests write "CPU" beside "cpu".
bool HasRespelledCpu(JsonValue resources) {
  for (const JsonValue member : resources) {
    if (member.key() != "cpu" && GoFoldEqual(member.key(), "cpu")) return true;
  }
  return false;
}

Result<void> ReadCpu(JsonValue resources, ResourceLimits& limits) {
  limits.cpu_respelled = HasRespelledCpu(resources);
  if (limits.cpu_respelled) return {};
  const JsonValue cpu = TRY(ObjectField(resources, "cpu"));
  limits.cpu_shares = TRY(CountField(cpu, "shares"));
  limits.cpu_quota = TRY(IntField(cpu, "quota"));
  return {};
}

Result<std::optional<SeccompSummary>> SeccompOf(JsonValue section) {
  const JsonValue seccomp = TRY(ObjectField(section, "seccomp"));
  if (!seccomp) return std::optional<SeccompSummary>();
  SeccompSummary summary{.default_action = TRY(TextField(seccomp, "defaultAction"))};
  summary.architectures = TRY(TextsField(seccomp, "architectures"));
  summary.flags = TRY(TextsField(seccomp, "flags"));
  summary.listener_path = TRY(TextField(seccomp, "listenerPath"));
  const JsonValue syscalls = TRY(ListField(seccomp, "syscalls"));
  // A runtime that takes for a word what is none may crash (crun 1.8).
  for (const JsonValue rule : syscalls) {
    const std::string action = TRY(TextField(rule, "action"));
    const JsonValue names = TRY(ListField(rule, "names"));
    if (Denies(action) && names.size() > 0) ++summary.rules;
    for (const JsonValue name : names) {
      if (!name.IsString()) return Error{name.Where() + ": no name of a system call", ""};
    }
  }
  summary.allows_unnamed = !Denies(summary.default_action);
  return std::optional<SeccompSummary>(std::move(summary));
}

Result<void> ReadLists(JsonValue section, ContainerConfig& config) {
  const JsonValue namespaces = TRY(ListField(section, "namespaces"));
  for (const JsonValue item : namespaces) {
    NamespaceConfig one{.type = TRY(TextField(item, "type"))};
    one.path = TRY(TextField(item, "path"));
    config.namespaces.push_back(std::move(one));
  }
  const JsonValue devices = TRY(ListField(section, "devices"));
  for (const JsonValue item : devices) config.devices.push_back(TRY(DeviceOf(item)));
  config.masked_paths = TRY(TextsField(section, "maskedPaths"));
  config.read_only_paths = TRY(TextsField(section, "readonlyPaths"));
  const JsonValue uids = TRY(ListField(section, "uidMappings"));
  const JsonValue gids = TRY(ListField(section, "gidMappings"));
  config.uid_mappings = uids.size();
  config.gid_mappings = gids.size();
  return {};
}

}  // namespace

Result<ResourceLimits> ResourcesOf(JsonValue resources) {
  ResourceLimits limits;
  const JsonValue devices = TRY(ListField(resources, "devices"));
  for (const JsonValue item : devices) limits.devices.push_back(TRY(DeviceRuleOf(item)));
  TRY(ReadMemory(resources, limits));
  TRY(ReadCpu(resources, limits));
  const JsonValue pids = TRY(ObjectField(resources, "pids"));
  limits.pids_limit = TRY(IntField(pids, "limit"));
  limits.unified = TRY(MapField(resources, "unified"));
  return limits;
}

Result<void> ReadLinux(JsonValue root, ContainerConfig& config) {
  const JsonValue section = TRY(ObjectField(root, "linux"));
  TRY(ReadLists(section, config));
  const JsonValue resources = TRY(ObjectField(section, "resources"));
  config.resources = TRY(ResourcesOf(resources));
  config.seccomp = TRY(SeccompOf(section));
  config.sysctls = TRY(MapField(section, "sysctl"));
  config.cgroups_path = TRY(TextField(section, "cgroupsPath"));
  config.rootfs_propagation = TRY(TextField(section, "rootfsPropagation"));
  config.mount_label = TRY(TextField(section, "mountLabel"));
  const JsonValue rdt = TRY(ObjectField(section, "intelRdt"));
  config.intel_rdt_closid = TRY(TextField(rdt, "closID"));
  return {};
}

}  // namespace runward
