#include "agent/rule_maps.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "agent/bpf_warning.h"
#include "agent/kernel_pins.h"
#include "base/file.h"

namespace runward {
namespace {

constexpr std::array kMaps = {"settings", "denied", "events", "flows", "peers", "services"};

bpf_map* MapOf(bpf_object* object, const char* name) {
  return bpf_object__find_map_by_name(object, name);
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

}  // namespace

Result<BpfObject> OpenPrograms(std::span<const std::byte> file, const CgroupPlan& plan) {
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "runward_net");
  BpfObject object(bpf_object__open_mem(file.data(), file.size(), &options));
  if (!object) return BpfError("cannot read the BPF programs for network rules", errno);
  const auto size = [](const auto& entries) {
    return static_cast<uint32_t>(std::max<size_t>(entries.size(), 1));
  };
  bpf_map__set_max_entries(MapOf(object.get(), "peers"), size(plan.peers));
  bpf_map__set_max_entries(MapOf(object.get(), "services"), size(plan.services));
  return object;
}

Result<void> FillRules(bpf_object* programs, const CgroupPlan& plan, bool audit) {
  TRY(Fill<rw_peer_key>(bpf_map__fd(MapOf(programs, "peers")), plan.peers));
  TRY(Fill<rw_service_key>(bpf_map__fd(MapOf(programs, "services")), plan.services));
  rw_host_settings settings{};
  settings.state = audit ? RW_HOST_RULED : RW_HOST_CLOSED;
  settings.audit = audit ? 1 : 0;
  for (const size_t direction : {0U, 1U}) {
    settings.default_allow[direction] = plan.default_allow.at(direction) ? 1 : 0;
    std::ranges::copy(plan.allow.at(direction), settings.allow[direction]);
  }
  const uint32_t zero = 0;
  const int map = bpf_map__fd(MapOf(programs, "settings"));
  if (bpf_map_update_elem(map, &zero, &settings, BPF_ANY) == 0) return {};
  return ErrnoError("cannot hand network rules to the kernel", errno);
}

Result<void> RuleMaps::Pin(bpf_object* programs, const std::string& dir) {
  for (const char* name : kMaps) {
    const std::string path = PinPath(dir, name);
    if (bpf_map__pin(MapOf(programs, name), path.c_str()) != 0) {
      return BpfError("cannot pin \"" + path + "\"", errno);
    }
  }
  return {};
}

Result<RuleMaps> RuleMaps::Open(const std::string& dir) {
  RuleMaps maps;
  maps.settings_ = TRY(OpenPinned(dir, "settings"));
  maps.denied_ = TRY(OpenPinned(dir, "denied"));
  maps.events_ = TRY(OpenPinned(dir, "events"));
  maps.flows_ = TRY(OpenPinned(dir, "flows"));
  maps.peers_ = TRY(OpenPinned(dir, "peers"));
  maps.services_ = TRY(OpenPinned(dir, "services"));
  return maps;
}

bool RuleMaps::AreIn(const std::string& dir) {
  return std::ranges::none_of(kMaps,
                              [&](const char* name) { return FileMissing(PinPath(dir, name)); });
}

Result<rw_host_settings> RuleMaps::Settings() const {
  rw_host_settings settings{};
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(settings_.get(), &zero, &settings) == 0) return settings;
  return ErrnoError("cannot read a BPF map", errno);
}

Result<void> RuleMaps::SetState(rw_host_state state) const {
  rw_host_settings settings = TRY(Settings());
  settings.state = state;
  return Write(settings);
}

Result<void> RuleMaps::LetProofPass(uint16_t own_port, uint16_t peer_port) const {
  rw_host_settings settings = TRY(Settings());
  settings.state = RW_HOST_PROOF;
  memcpy(settings.proof_own, &own_port, sizeof settings.proof_own);
  memcpy(settings.proof_peer, &peer_port, sizeof settings.proof_peer);
  return Write(settings);
}

Result<void> RuleMaps::Write(const rw_host_settings& settings) const {
  const uint32_t zero = 0;
  if (bpf_map_update_elem(settings_.get(), &zero, &settings, BPF_ANY) == 0) return {};
  return ErrnoError("cannot write a BPF map", errno);
}

DeniedTotals RuleMaps::Denied() const {
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

void RuleMaps::ForgetDenied() const {
  for (uint32_t place = 0; place < 2 * RW_HOST_PLACES; ++place) {
    const uint64_t none = 0;
    bpf_map_update_elem(denied_.get(), &place, &none, BPF_ANY);
  }
}

Result<UniqueFd> OpenPinned(const std::string& dir, const char* name) {
  const std::string path = PinPath(dir, name);
  UniqueFd fd(bpf_obj_get(path.c_str()));
  if (!fd.valid()) return ErrnoError("cannot open \"" + path + "\"", errno);
  return fd;
}

}  // namespace runward
