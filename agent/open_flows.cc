#include "agent/open_flows.h"

#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <vector>

namespace runward {
namespace {

constexpr uint32_t kAtOnce = 8192;

struct Flow {
  rw_flow_key key;
  rw_flow flow;
};

// Each once, but for those that begin meanwhile.
Result<std::vector<Flow>> ReadFlows(int map) {
  std::vector<rw_flow_key> keys(kAtOnce);
  std::vector<rw_flow> values(kAtOnce);
  std::vector<Flow> all;
  uint32_t place = 0;
  bool more = true;
  for (bool first = true; more; first = false) {
    uint32_t count = kAtOnce;
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    more = bpf_map_lookup_batch(map, first ? nullptr : &place, &place, keys.data(), values.data(),
                                &count, &options) == 0;
    // ENOENT: there are no more than these.
    if (!more && errno != ENOENT) return ErrnoError("cannot read a BPF map", errno);
    for (uint32_t i = 0; i < count; ++i) all.push_back({keys[i], values[i]});
  }
  return all;
}

// No rule where there is no entry.
template <typename Key>
rw_fitting Look(int map, const Key& key) {
  rw_fitting fitting{};
  (void)bpf_map_lookup_elem(map, &key, &fitting);
  return fitting;
}

// As the programs do.
bool Allows(const RuleMaps& rules, const rw_host_settings& settings, const Flow& one) {
  const uint8_t ingress = one.flow.ingress;
  rw_peer_key peer{.prefix = 160, .ingress = ingress, .v6 = one.key.v6, .zero = {}, .address = {}};
  std::ranges::copy(one.key.peer, peer.address);
  const bool icmp = one.key.protocol == IPPROTO_ICMP || one.key.protocol == IPPROTO_ICMPV6;
  const auto high = static_cast<uint8_t>(one.flow.number >> 8);
  const auto low = static_cast<uint8_t>(one.flow.number);
  const rw_service_key service{.prefix = 32,
                               .ingress = ingress,
                               .protocol = one.key.protocol,
                               .number = {icmp ? low : high, icmp ? uint8_t{0} : low}};
  const rw_fitting by_peer = Look(rules.peers(), peer);
  const rw_fitting by_service = Look(rules.services(), service);
  for (size_t word = 0; word < RW_HOST_WORDS; ++word) {
    const uint64_t both = by_peer.rules[word] & by_service.rules[word];
    const uint64_t lowest = both & -both;
    if (both != 0) return (settings.allow[ingress][word] & lowest) != 0;
  }
  return settings.default_allow[ingress] != 0;
}

bool HasEnded(const Flow& one, uint64_t now) {
  constexpr uint8_t kBoth = 3;
  if (one.key.protocol == IPPROTO_TCP) return one.flow.ended == kBoth;
  return one.flow.seen + RW_HOST_IDLE_NS < now;
}

uint64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// Programs of before that run at this moment on another processor may let one more begin: waits
// until they have ended. A kernel that leaves some processors to one program each (nohz_full)
// refuses to say when that is; no program runs as long as it then waits.
void WaitForPrograms() {
  constexpr useconds_t kLong = 50'000;
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0) usleep(kLong);
}

// False when it had gone by itself.
Result<bool> Forget(int map, const Flow& one) {
  if (bpf_map_delete_elem(map, &one.key) == 0) return true;
  if (errno == ENOENT) return false;
  return ErrnoError("cannot write a BPF map", errno);
}

}  // namespace

Result<DeniedConnections> CutFlows(const RuleMaps& rules, bool cut) {
  const rw_host_settings settings = TRY(rules.Settings());
  if (cut) WaitForPrograms();
  DeniedConnections denied;
  const uint64_t now = Now();
  for (const Flow& one : TRY(ReadFlows(rules.flows()))) {
    if (Allows(rules, settings, one)) continue;
    const bool counts = !HasEnded(one, now);
    if (!cut) {
      denied.kept += counts ? 1 : 0;
    } else if (TRY(Forget(rules.flows(), one)) && counts) {
      ++denied.cut;
    }
  }
  return denied;
}

}  // namespace runward
