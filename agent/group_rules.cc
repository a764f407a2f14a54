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

using Object = CHandle<bpf_object, bpf_object__close>;
using Link = CHandle<bpf_link, bpf_link__destroy>;

constexpr std::array kPrograms = {"egress", "ingress"};
constexpr std::array kMaps = {"settings", "denied", "events"};

bpf_map* MapOf(bpf_object* object, const char* name) {
  return bpf_object__find_map_by_name(object, name);
}

Result<Object> Load(const CgroupPlan& plan) {
  const auto bytes = HostNetworkObject();
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "runward_host");
  Object object(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
  if (!object) return BpfError("cannot read the BPF programs for control groups", errno);
  const auto size = [](const auto& entries) {
    return static_cast<uint32_t>(std::max<size_t>(entries.size(), 1));
  };
  bpf_map__set_max_entries(MapOf(object.get(), "peers"), size(plan.peers));
  bpf_map__set_max_entries(MapOf(object.get(), "services"), size(plan.services));
  if (bpf_object__load(object.get()) == 0) return object;
  Error error = BpfError("the kernel does not take the BPF programs for control groups", errno);
  error.hint =
      "the kernel needs CONFIG_CGROUP_BPF, of 5.10 or later; or give the container a "
      "network of its own";
  return error;
}

template <typename Key>
Result<void> Fill(int map, const std::vector<PrefixEntry>& entries) {
  for (const PrefixEntry& entry : entries) {
    Key key{};
    key.prefix = entry.bits;
    memcpy(reinterpret_cast<char*>(&key) + sizeof(key.prefix), entry.bytes.data(),
           sizeof(key) - sizeof(key.prefix));
    rw_fitting fitting{};
    std::ranges::copy(entry.rules, fitting.rules);
    if (bpf_map_update_elem(map, &key, &fitting, BPF_NOEXIST) != 0) {
      return ErrnoError("cannot hand network rules to the kernel", errno);
    }
  }
  return {};
}

Result<void> FillAll(bpf_object* object, const CgroupPlan& plan, bool audit) {
  TRY(Fill<rw_peer_key>(bpf_map__fd(MapOf(object, "peers")), plan.peers));
  TRY(Fill<rw_service_key>(bpf_map__fd(MapOf(object, "services")), plan.services));
  rw_host_settings settings{};
  settings.state = audit ? RW_HOST_RULED : RW_HOST_CLOSED;
  settings.audit = audit ? 1 : 0;
  for (const size_t direction : {0U, 1U}) {
    settings.default_allow[direction] = plan.default_allow.at(direction) ? 1 : 0;
    std::ranges::copy(plan.allow.at(direction), settings.allow[direction]);
  }
  const uint32_t zero = 0;
  if (bpf_map_update_elem(bpf_map__fd(MapOf(object, "settings")), &zero, &settings, BPF_ANY) == 0) {
    return {};
  }
  return ErrnoError("cannot hand network rules to the kernel", errno);
}

Result<void> Pin(bpf_object* object, const std::string& dir, int group) {
  for (const char* name : kMaps) {
    const std::string path = PinPath(dir, name);
    if (bpf_map__pin(MapOf(object, name), path.c_str()) != 0) {
      return BpfError("cannot pin \"" + path + "\"", errno);
    }
  }
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
  const Object object = TRY(Load(plan));
  TRY(FillAll(object.get(), plan, audit));
  if (mkdir(dir.c_str(), 0700) != 0) return ErrnoError("mkdir \"" + dir + "\"", errno);
  return Pin(object.get(), dir, group);
}

Result<UniqueFd> OpenPinned(const std::string& dir, const char* name) {
  const std::string path = PinPath(dir, name);
  UniqueFd fd(bpf_obj_get(path.c_str()));
  if (!fd.valid()) return ErrnoError("cannot open \"" + path + "\"", errno);
  return fd;
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

Result<rw_host_settings> SettingsIn(int map) {
  rw_host_settings settings{};
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(map, &zero, &settings) == 0) return settings;
  return ErrnoError("cannot read a BPF map", errno);
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
  rules.settings_ = TRY(OpenPinned(dir, "settings"));
  rules.denied_ = TRY(OpenPinned(dir, "denied"));
  rules.events_ = TRY(OpenPinned(dir, "events"));
  return rules;
}

Result<std::optional<GroupRules>> GroupRules::Open(const std::string& dir) {
  for (const char* name : kMaps) {
    if (FileMissing(PinPath(dir, name))) return std::optional<GroupRules>();
  }
  for (const char* name : kPrograms) {
    if (TRY(GroupOf(dir, name)) == 0) return std::optional<GroupRules>();
  }
  GroupRules rules = TRY(OpenMaps(dir));
  const rw_host_settings settings = TRY(SettingsIn(rules.settings_.get()));
  if (settings.state != RW_HOST_RULED) return std::optional<GroupRules>();
  return std::optional<GroupRules>(std::move(rules));
}

Result<void> GroupRules::SetState(rw_host_state state) const {
  rw_host_settings settings = TRY(SettingsIn(settings_.get()));
  settings.state = state;
  const uint32_t zero = 0;
  if (bpf_map_update_elem(settings_.get(), &zero, &settings, BPF_ANY) == 0) return {};
  return ErrnoError("cannot write a BPF map", errno);
}

DeniedTotals GroupRules::Denied() const {
  DeniedTotals totals;
  std::array<uint32_t, size_t{2} * RW_HOST_PLACES> places{};
  std::array<uint64_t, size_t{2} * RW_HOST_PLACES> packets{};
  uint32_t count = places.size();
  uint32_t next = 0;
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  // ENOENT: there are no more than these.
  if (bpf_map_lookup_batch(denied_.get(), nullptr, &next, places.data(), packets.data(), &count,
                           &options) != 0 &&
      errno != ENOENT) {
    return totals;
  }
  for (size_t i = 0; i < count; ++i) {
    if (packets.at(i) == 0) continue;
    totals[{.ingress = places.at(i) >= RW_HOST_PLACES,
            .rule = static_cast<int32_t>(places.at(i) % RW_HOST_PLACES) - 1}] = packets.at(i);
  }
  return totals;
}

void GroupRules::ForgetDenied() const {
  for (uint32_t place = 0; place < 2 * RW_HOST_PLACES; ++place) {
    const uint64_t none = 0;
    bpf_map_update_elem(denied_.get(), &place, &none, BPF_ANY);
  }
}

bool HoldsNothing(const std::string& dir) {
  return std::ranges::all_of(kPrograms, [&](const char* name) {
    const Result<uint64_t> group = GroupOf(dir, name);
    return group.ok() && group.value() == 0;
  });
}

void RemoveGroupRules(const std::string& dir) { RemovePinned(dir, {"egress", "ingress"}); }

}  // namespace runward
