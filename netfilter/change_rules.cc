#include "netfilter/change_rules.h"

#include <optional>

#include "netfilter/encode.h"
#include "netfilter/install.h"
#include "netfilter/interface_addresses.h"
#include "netfilter/names.h"

namespace runward {
namespace {

// nullopt for what stays within the namespace, which always passes.
std::optional<NetworkFlow> FlowOf(const Connection& one, const InterfaceAddresses& own) {
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

bool IsOf(const std::string& key, const Connection& one) {
  const auto mark = ParseMark(one.mark);
  return mark && mark->container == (LogGroup(key) & 0x7fffU);
}

}  // namespace

Result<DeniedConnections> ChangeRules(const NetNamespace& space, const NetworkRule& rule,
                                      const PlanFor& container, const NetfilterPlan& plan,
                                      const PeerIsNamed& named) {
  TRY(InstallPlan(space, plan));
  if (container.audit) return DeniedConnections{};
  const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
  const InterfaceAddresses own = TRY(InterfaceAddresses::Read());
  const auto denied = [&](const Connection& one) {
    if (container.cgroup && !IsOf(container.key, one)) return false;
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
