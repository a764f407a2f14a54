#include "netfilter/features.h"

#include <netinet/in.h>
#include <sched.h>
#include <sys/utsname.h>

#include <cerrno>
#include <thread>

#include "netfilter/batch.h"
#include "netfilter/conntrack.h"
#include "netfilter/encode.h"
#include "netfilter/filter_feature.h"
#include "netfilter/nflog.h"
#include "netfilter/plan_parts.h"

namespace runward {
namespace {

constexpr uint16_t kGroup = 1024;

// A table of one chain with these rules, for which a set of addresses is there.
NetfilterPlan PlanWith(std::vector<PlanRule> rules, std::vector<PlanSet> sets = {}) {
  return {.table = "runward_features",
          .sets = std::move(sets),
          .chains = {{.name = "output", .hook = PlanHook{}, .rules = std::move(rules)}}};
}

NetfilterPlan Redirecting() {
  NetfilterPlan plan = PlanWith({{MatchProtocol(IPPROTO_UDP), PlanRedirect{.port = kGroup}}});
  plan.chains.front().hook = PlanHook{.nat = true, .priority = -110};
  plan.sets.push_back({.name = "names", .kind = SetKind::kIpv4, .timed = true});
  return plan;
}

PlanSet Ranges(SetKind kind, const char* first, const char* second) {
  return {.name = "ranges",
          .kind = kind,
          .ranges = {*ParseAddressRange(first).range, *ParseAddressRange(second).range}};
}

std::vector<NetworkFeature> MakeFeatures() {
  constexpr uint32_t kNew = 8;
  return {
      {"nftables for both families (CONFIG_NF_TABLES, CONFIG_NF_TABLES_INET)", PlanWith({})},
      {"sets of address ranges (CONFIG_NF_TABLES)",
       PlanWith({{MatchFamily(false), MatchSet(Field::kDestination4, 0, "ranges"), Accept()}},
                {Ranges(SetKind::kIpv4, "10.0.0.0/8", "192.0.2.1-192.0.2.7")})},
      {"sets of IPv6 address ranges (CONFIG_NF_TABLES_IPV6)",
       PlanWith({{MatchFamily(true), MatchSet(Field::kDestination6, 0, "ranges"), Accept()}},
                {Ranges(SetKind::kIpv6, "fd00::/8", "2001:db8::1")})},
      {"connection tracking (CONFIG_NFT_CT, CONFIG_NF_CONNTRACK_MARK)",
       PlanWith({{MatchState("new", kNew), PlanMark{.mark = 1}, Accept()}})},
      {"rates (CONFIG_NFT_LIMIT)",
       PlanWith({{PlanLimit{{.count = 1, .unit_seconds = 1, .burst = 5}}, Accept()}})},
      {"logging to the agent (CONFIG_NFT_LOG, CONFIG_NETFILTER_NETLINK_LOG)",
       PlanWith({{PlanLog{.prefix = "rw", .group = kGroup}}})},
      {"leading DNS to the agent, for names (CONFIG_NFT_NAT, CONFIG_NFT_REDIR)", Redirecting()},
      {"telling containers of one network apart (CONFIG_NFT_SOCKET, CONFIG_SOCK_CGROUP_DATA)",
       PlanWith({{MatchCgroup({.id = 1, .level = 1, .path = "a"}), Accept()}})},
  };
}

// What the agent reads, in the calling thread's network namespace.
void AddReaders(std::vector<std::string>& missing) {
  if (!NflogReader::Open(kGroup).ok()) {
    missing.emplace_back("events of denied packets (CONFIG_NETFILTER_NETLINK_LOG)");
  }
  if (!ConntrackReader::Open().ok()) {
    missing.emplace_back(
        "events of connections (CONFIG_NF_CT_NETLINK, CONFIG_NF_CONNTRACK_EVENTS)");
  }
}

Result<std::vector<std::string>> AskHere() {
  if (unshare(CLONE_NEWNET) != 0) return ErrnoError("make a network namespace", errno);
  const NetfilterSocket socket = TRY(OpenNetfilter());
  std::vector<std::string> missing = MissingFeatures(socket.get(), NetworkFeatures());
  AddReaders(missing);
  if (!TakesFilters()) {
    missing.emplace_back("filters at cables (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF)");
  }
  utsname host{};
  if (uname(&host) != 0 || !SeesChecksums(host.release)) {
    missing.emplace_back("filters that see where a checksum is written (Linux 6.2)");
  }
  return missing;
}

}  // namespace

const std::vector<NetworkFeature>& NetworkFeatures() {
  static const std::vector<NetworkFeature> features = MakeFeatures();
  return features;
}

std::vector<std::string> MissingFeatures(nl_sock* socket,
                                         std::span<const NetworkFeature> features) {
  std::vector<std::string> missing;
  for (const NetworkFeature& feature : features) {
    Batch batch;
    EncodePlan(feature.plan, batch);
    if (!batch.Try(socket).ok()) missing.push_back(feature.name);
  }
  return missing;
}

// In a thread of its own, which takes the namespace with it.
Result<std::vector<std::string>> MissingNetworkFeatures() {
  Result<std::vector<std::string>> missing = std::vector<std::string>();
  std::thread asking([&missing] { missing = AskHere(); });
  asking.join();
  return missing;
}

}  // namespace runward
