#include "netfilter/change_rules.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <cerrno>
#include <optional>
#include <set>

#include "netfilter/encode.h"
#include "netfilter/install.h"
#include "netfilter/names.h"

namespace runward {
namespace {

std::optional<Address> AddressOf(const sockaddr* given) {
  if (given == nullptr) return std::nullopt;
  if (given->sa_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(given);
    return AddressOfBytes({reinterpret_cast<const uint8_t*>(&four->sin_addr), 4});
  }
  if (given->sa_family != AF_INET6) return std::nullopt;
  const auto* six = reinterpret_cast<const sockaddr_in6*>(given);
  return AddressOfBytes({six->sin6_addr.s6_addr, 16});
}

// The addresses of the calling thread's network namespace.
class OwnAddresses {
 public:
  static Result<OwnAddresses> Read() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return ErrnoError("read a network's addresses", errno);
    const CHandle<ifaddrs, freeifaddrs> owned(list);
    OwnAddresses own;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
      if (const auto address = AddressOf(one->ifa_addr)) own.all_.insert(*address);
    }
    return own;
  }
  [[nodiscard]] bool Has(const Address& address) const {
    return (!address.v6 && address.bytes[0] == 127) || all_.contains(address);
  }

 private:
  std::set<Address> all_;
};

// nullopt for what stays within the namespace, which always passes.
std::optional<NetworkFlow> FlowOf(const Connection& one, const OwnAddresses& own) {
  const bool from_here = own.Has(one.source);
  const bool to_here = own.Has(one.destination) || own.Has(one.answers_from);
  if (from_here && to_here) return std::nullopt;
  // What is forwarded is held to egress.
  return NetworkFlow{.direction = to_here ? Direction::kIngress : Direction::kEgress,
                     .peer = to_here ? one.source : one.answers_from,
                     .protocol = one.protocol,
                     .port = one.destination_port,
                     .icmp_type = one.icmp_type};
}

}  // namespace

Result<DeniedConnections> ChangeRules(const NetNamespace& space, const NetworkRule& rule,
                                      const NetfilterPlan& plan, bool audit,
                                      const PeerIsNamed& named) {
  TRY(InstallPlan(space, plan));
  if (audit) return DeniedConnections{};
  const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
  const OwnAddresses own = TRY(OwnAddresses::Read());
  const auto denied = [&](const Connection& one) {
    const auto flow = FlowOf(one, own);
    return flow && !JudgeFlow(rule, *flow, named).allow;
  };
  return CutConnections(denied, rule.cut_on_change);
}

Result<void> RemoveRules(const NetNamespace& space, const std::string& key) {
  const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
  const NetfilterSocket socket = TRY(OpenNetfilter());
  Batch batch;
  EncodeRemoval(TableName(key), batch);
  return batch.Commit(socket.get());
}

}  // namespace runward
