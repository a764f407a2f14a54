#include "agent/group_rules.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "agent/bpf_warning.h"
#include "agent/kernel_object.h"
#include "agent/kernel_pins.h"
#include "base/file.h"

namespace runward {
namespace {

using Link = CHandle<bpf_link, bpf_link__destroy>;

constexpr std::array kPrograms = {"egress", "ingress"};

Result<BpfObject> Load(const CgroupPlan& plan) {
  BpfObject object = TRY(OpenPrograms(HostNetworkObject(), plan));
  if (bpf_object__load(object.get()) == 0) return object;
  Error error = BpfError("the kernel does not take the BPF programs for control groups", errno);
  error.hint =
      "the kernel needs CONFIG_CGROUP_BPF, of 5.10 or later; or give the container a "
      "network of its own";
  return error;
}

Result<void> Pin(bpf_object* object, const std::string& dir, int group) {
  for (const char* name : kPrograms) {
    bpf_program* program = bpf_object__find_program_by_name(object, name);
    const Link link(bpf_program__attach_cgroup(program, group));
    if (!link) return BpfError("cannot attach to the container's control group", errno);
    const std::string path = PinPath(dir, name);
    if (bpf_link__pin(link.get(), path.c_str()) != 0) {
      return BpfError("cannot pin \"" + path + "\"", errno);
    }
  }
  return {};
}

Result<void> AttachIn(const std::string& dir, int group, const CgroupPlan& plan, bool audit) {
  const BpfObject object = TRY(Load(plan));
  TRY(FillRules(object.get(), plan, audit));
  if (mkdir(dir.c_str(), 0700) != 0) return ErrnoError("mkdir \"" + dir + "\"", errno);
  TRY(RuleMaps::Pin(object.get(), dir));
  return Pin(object.get(), dir, group);
}

// The group that a pinned link holds; 0 when it holds none, or is not there.
Result<uint64_t> GroupOf(const std::string& dir, const char* name) {
  if (FileMissing(PinPath(dir, name))) return uint64_t{0};
  const UniqueFd link = TRY(OpenPinned(dir, name));
  bpf_link_info info{};
  uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(link.get(), &info, &size) != 0) {
    return ErrnoError("cannot look at \"" + PinPath(dir, name) + "\"", errno);
  }
  return info.type == BPF_LINK_TYPE_CGROUP ? info.cgroup.cgroup_id : uint64_t{0};
}

}  // namespace

Result<GroupRules> GroupRules::Attach(const std::string& dir, int group, const CgroupPlan& plan,
                                      bool audit) {
  KeepBpfWarnings();
  const Result<void> attached = AttachIn(dir, group, plan, audit);
  malloc_trim(0);  // the kernel's type information took megabytes
  Result<GroupRules> rules = attached.ok() ? OpenMaps(dir) : attached.error();
  if (!rules.ok()) RemoveGroupRules(dir);
  return rules;
}

Result<GroupRules> GroupRules::OpenMaps(const std::string& dir) {
  GroupRules rules;
  rules.maps_ = TRY(RuleMaps::Open(dir));
  return rules;
}

Result<std::optional<GroupRules>> GroupRules::Open(const std::string& dir) {
  if (!RuleMaps::AreIn(dir)) return std::optional<GroupRules>();
  for (const char* name : kPrograms) {
    if (TRY(GroupOf(dir, name)) == 0) return std::optional<GroupRules>();
  }
  GroupRules rules = TRY(OpenMaps(dir));
  const rw_host_settings settings = TRY(rules.maps_.Settings());
  if (settings.state != RW_HOST_RULED) return std::optional<GroupRules>();
  return std::optional<GroupRules>(std::move(rules));
}

bool HoldsNothing(const std::string& dir) {
  return std::ranges::all_of(kPrograms, [&](const char* name) {
    const Result<uint64_t> group = GroupOf(dir, name);
    return group.ok() && group.value() == 0;
  });
}

void RemoveGroupRules(const std::string& dir) { RemovePinned(dir, {"egress", "ingress"}); }

}  // namespace runward
