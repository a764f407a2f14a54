#include "agent/group_links.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "agent/bpf_warning.h"
#include "agent/kernel_pins.h"
#include "agent/rule_maps.h"
#include "base/file.h"

namespace runward {
namespace {

constexpr std::array kTypes = {BPF_CGROUP_INET_EGRESS, BPF_CGROUP_INET_INGRESS};

// All zeros where there is no link, or its group is gone.
Result<bpf_link_info> LinkAt(const std::string& dir, const char* name) {
  bpf_link_info info{};
  if (FileMissing(PinPath(dir, name))) return info;
  const UniqueFd link = TRY(OpenPinned(dir, name));
  uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(link.get(), &info, &size) != 0) {
    return ErrnoError("cannot look at \"" + PinPath(dir, name) + "\"", errno);
  }
  const bool holds = info.type == BPF_LINK_TYPE_CGROUP && info.cgroup.cgroup_id != 0;
  return holds ? info : bpf_link_info{};
}

// 0 where there is none.
uint32_t ProgramAt(const std::string& dir, const char* name) {
  const UniqueFd program(bpf_obj_get(PinPath(dir, name).c_str()));
  bpf_prog_info info{};
  uint32_t size = sizeof info;
  const bool known = program.valid() && bpf_obj_get_info_by_fd(program.get(), &info, &size) == 0;
  return known ? info.id : 0;
}

Result<std::string> SetInForce(const std::string& dir, const char* name) {
  const uint32_t program = TRY(LinkAt(dir, name)).prog_id;
  if (program == 0) return std::string();
  for (std::string& set : PinnedVersions(dir)) {
    if (ProgramAt(PinPath(dir, set), name) == program) return std::move(set);
  }
  return std::string("?");
}

Result<void> Put(const std::string& dir, const std::string& set, size_t direction, int group) {
  const char* name = kGroupPrograms.at(direction);
  const UniqueFd program = TRY(OpenPinned(PinPath(dir, set), name));
  if (TRY(LinkAt(dir, name)).prog_id != 0) {
    const UniqueFd link = TRY(OpenPinned(dir, name));
    if (bpf_link_update(link.get(), program.get(), nullptr) == 0) return {};
    return ErrnoError("cannot put other rules at the container's control group", errno);
  }
  const std::string path = PinPath(dir, name);
  unlink(path.c_str());  // of a group that is gone
  KeepBpfWarnings();
  const UniqueFd link(bpf_link_create(program.get(), group, kTypes.at(direction), nullptr));
  if (!link.valid()) return BpfError("cannot attach to the container's control group", errno);
  if (bpf_obj_pin(link.get(), path.c_str()) == 0) return {};
  return ErrnoError("cannot pin \"" + path + "\"", errno);
}

}  // namespace

Result<std::array<std::string, 2>> SetsInForce(const std::string& dir) {
  std::array<std::string, 2> sets;
  for (size_t i = 0; i < sets.size(); ++i) sets.at(i) = TRY(SetInForce(dir, kGroupPrograms.at(i)));
  return sets;
}

Result<void> PutInForce(const std::string& dir, const std::string& set, int group) {
  for (const size_t direction : {0U, 1U}) TRY(Put(dir, set, direction, group));
  return {};
}

void RemoveUnused(const std::string& dir) {
  const auto in_force = SetsInForce(dir);
  if (!in_force.ok()) return;
  for (const std::string& set : PinnedVersions(dir)) {
    if (std::ranges::count(in_force.value(), set) == 0) RemovePinned(PinPath(dir, set), {});
  }
}

bool HoldsNothing(const std::string& dir) {
  return std::ranges::all_of(kGroupPrograms, [&](const char* name) {
    const auto link = LinkAt(dir, name);
    return link.ok() && link.value().prog_id == 0;
  });
}

void RemoveGroupRules(const std::string& dir) {
  RemovePinned(dir, {kGroupPrograms.begin(), kGroupPrograms.end()});
}

}  // namespace runward
