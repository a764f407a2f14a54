#include "netfilter/plan.h"

#include <algorithm>

#include "netfilter/log_prefix.h"
#include "netfilter/names.h"
#include "netfilter/plan_parts.h"
#include "policy/network_words.h"

namespace runward {
namespace {

constexpr uint32_t kEstablishedOrRelated = 2 | 4;  // NF_CT_STATE_BIT
constexpr uint32_t kNew = 8;

AddressRange RangeOf(std::string_view text) { return *ParseAddressRange(text).range; }

// One direction's chain, with the chains and sets that its rules need.
class DirectionPlan {
 public:
  DirectionPlan(const NetworkRule& rule, Direction direction, const PlanFor& container,
                NetfilterPlan& plan)
      : rule_(direction == Direction::kEgress ? rule.egress : rule.ingress),
        direction_(direction),
        container_(container),
        plan_(plan) {
    chain_.name = direction == Direction::kEgress ? "egress" : "ingress";
    // Taken up in the middle, a connection would be judged by who happens to speak.
    if (!container.audit) {
      chain_.rules.push_back({MatchState("new", kNew), MatchProtocol(kProtocolTcp), MatchNoSyn(),
                              Jump(DenyChain(std::nullopt))});
    }
  }

  void Build() {
    for (size_t i = 0; i < rule_.rules.size(); ++i) Item(i, rule_.rules[i]);
    if (rule_.default_allow) {
      chain_.rules.push_back({Marked(std::nullopt), Accept()});
    } else {
      chain_.rules.push_back({Jump(DenyChain(std::nullopt))});
    }
    plan_.chains.push_back(std::move(chain_));
  }

 private:
  using Rules = std::vector<PlanRule>;

  PlanMark Marked(std::optional<uint32_t> index) const {
    return {
        FormatMark({static_cast<uint16_t>(LogGroup(container_.key) & 0x7fffU), direction_, index})};
  }

  // Logs within bounds, then denies; in audit mode lets through.
  void AddDenying(std::optional<uint32_t> index, PlanChain& chain) const {
    const LogPrefix prefix{container_.audit, direction_, index};
    chain.rules.push_back(
        {PlanLimit{kLogLimit}, PlanLog{FormatLogPrefix(prefix), LogGroup(container_.key)}});
    chain.rules.push_back({PlanCounter{}, container_.audit ? Accept() : Drop()});
  }

  std::string DenyChain(std::optional<uint32_t> index) {
    std::string name = chain_.name + "_deny_" + (index ? std::to_string(*index) : "default");
    const auto known = std::ranges::find(plan_.chains, name, &PlanChain::name);
    if (known != plan_.chains.end()) return name;
    PlanChain chain{.name = name};
    AddDenying(index, chain);
    plan_.chains.push_back(std::move(chain));
    return name;
  }

  std::string RateChain(uint32_t index, const RateLimit& rate) {
    PlanChain chain{.name = chain_.name + "_rate_" + std::to_string(index)};
    chain.rules.push_back({PlanLimit{rate}, Marked(index), Accept()});
    AddDenying(index, chain);
    plan_.chains.push_back(std::move(chain));
    return plan_.chains.back().name;
  }

  void Item(size_t number, const NetworkRuleItem& item) {
    const auto index = static_cast<uint32_t>(number);
    PlanRule end;
    if (!item.allow) {
      end = {Jump(DenyChain(index))};
    } else if (item.rate) {
      end = {Jump(RateChain(index, *item.rate))};
    } else {
      end = {Marked(index), Accept()};
    }
    const Rules protocols = ProtocolParts(number, item);
    for (const PlanRule& peer : PeerParts(number, item)) {
      for (const PlanRule& protocol : protocols) {
        PlanRule rule = peer;
        rule.insert(rule.end(), protocol.begin(), protocol.end());
        rule.insert(rule.end(), end.begin(), end.end());
        chain_.rules.push_back(std::move(rule));
      }
    }
  }

  [[nodiscard]] Field PeerField(bool v6) const {
    if (direction_ == Direction::kEgress) return v6 ? Field::kDestination6 : Field::kDestination4;
    return v6 ? Field::kSource6 : Field::kSource4;
  }

  // Each a way to be the peer: one of no parts for anybody.
  Rules PeerParts(size_t number, const NetworkRuleItem& item) {
    if (item.any_peer) return {{}};
    Rules ways;
    for (const bool v6 : {false, true}) {
      std::vector<AddressRange> ranges;
      std::ranges::copy_if(item.ranges, std::back_inserter(ranges),
                           [v6](const AddressRange& range) { return range.first.v6 == v6; });
      if (ranges.size() == 1) {
        ways.push_back({MatchFamily(v6), MatchAddresses(PeerField(v6), ranges.front())});
      } else if (!ranges.empty()) {
        ways.push_back(InSet(v6, {.name = SetName(direction_, number, v6 ? "6" : "4"),
                                  .ranges = std::move(ranges)}));
      }
      if (!item.dns.empty()) {
        ways.push_back(
            InSet(v6, {.name = SetName(direction_, number, v6 ? "dns6" : "dns4"), .timed = true}));
      }
      if (!item.containers.empty()) {
        ways.push_back(InSet(v6, {.name = PeerSetName(direction_, number, v6), .live = true}));
      }
    }
    return ways;
  }

  PlanRule InSet(bool v6, PlanSet set) {
    set.kind = v6 ? SetKind::kIpv6 : SetKind::kIpv4;
    PlanRule parts = {MatchFamily(v6), MatchSet(PeerField(v6), 0, set.name)};
    plan_.sets.push_back(std::move(set));
    return parts;
  }

  Rules ProtocolParts(size_t number, const NetworkRuleItem& item) {
    if (item.protocols.empty()) return {{}};
    Rules ways;
    for (const ProtocolMatch& match : item.protocols) ways.push_back(OfProtocol(number, match));
    return ways;
  }

  PlanRule OfProtocol(size_t number, const ProtocolMatch& match) {
    PlanRule parts = {MatchProtocol(match.number)};
    const bool icmp = match.number == kProtocolIcmp;
    std::vector<PortRange> numbers = match.ports;
    for (const uint8_t type : match.types) numbers.push_back({type, type});
    if (numbers.empty()) return parts;
    const Field field = match.types.empty() ? Field::kDestinationPort
                        : icmp              ? Field::kIcmpType
                                            : Field::kIcmp6Type;
    if (numbers.size() == 1) {
      const PortRange& only = numbers.front();
      parts.emplace_back(MatchNumber(field, match.number, only.first, only.last));
      return parts;
    }
    PlanSet set{.name = SetName(direction_, number, "p" + std::to_string(match.number))};
    set.kind = match.types.empty() ? SetKind::kPort : icmp ? SetKind::kIcmp : SetKind::kIcmp6;
    set.numbers = std::move(numbers);
    parts.emplace_back(MatchSet(field, match.number, set.name));
    plan_.sets.push_back(std::move(set));
    return parts;
  }

  const NetworkDirection& rule_;
  Direction direction_;
  const PlanFor& container_;
  NetfilterPlan& plan_;
  PlanChain chain_;
};

// Where a hook of the kernel's enters the rules.
PlanChain EntryChain(const std::string& name, HookPoint point, const std::string& next,
                     const PlanFor& container) {
  PlanChain chain{.name = name, .hook = PlanHook{.point = point}};
  const bool in = point == HookPoint::kInput;
  // First, as most packets are.
  chain.rules.push_back({MatchState("established,related", kEstablishedOrRelated), Accept()});
  if (point != HookPoint::kForward) {
    chain.rules.push_back(
        {MatchInterface(in ? Field::kInInterface : Field::kOutInterface, "lo"), Accept()});
  }
  // What is redirected to the loopback keeps the interface that it had.
  if (point == HookPoint::kOutput) {
    chain.rules.push_back({MatchFamily(false),
                           MatchAddresses(Field::kDestination4, RangeOf("127.0.0.0/8")), Accept()});
    chain.rules.push_back(
        {MatchFamily(true), MatchAddresses(Field::kDestination6, RangeOf("::1")), Accept()});
  }
  if (point != HookPoint::kForward) {
    chain.rules.push_back({MatchFamily(true), MatchProtocol(kProtocolIcmpV6),
                           MatchSet(Field::kIcmp6Type, kProtocolIcmpV6, "neighbours"), Accept()});
  }
  PlanRule last;
  if (container.cgroup) last.emplace_back(MatchCgroup(*container.cgroup));
  last.emplace_back(Jump(next));
  chain.rules.push_back(std::move(last));
  return chain;
}

PlanRule Redirecting(const PlanFor& container, const PlanRule& before, uint8_t protocol,
                     uint16_t port) {
  constexpr uint16_t kDns = 53;
  PlanRule rule;
  if (container.cgroup) rule.emplace_back(MatchCgroup(*container.cgroup));
  rule.insert(rule.end(), before.begin(), before.end());
  rule.emplace_back(MatchProtocol(protocol));
  rule.emplace_back(MatchNumber(Field::kDestinationPort, protocol, kDns, kDns));
  rule.emplace_back(PlanRedirect{port});
  return rule;
}

PlanChain RedirectChain(const PlanFor& container) {
  constexpr int kBeforeEngines = -110;  // Docker's own translation stands at -100
  const PlanRule embedded = {MatchFamily(false),
                             MatchAddresses(Field::kDestination4, RangeOf("127.0.0.11"))};
  PlanChain chain{.name = "to_proxy", .hook = PlanHook{.nat = true, .priority = kBeforeEngines}};
  PlanRule own = embedded;
  // A port of another address the container can bind.
  own.emplace_back(MatchAddresses(Field::kSource4, RangeOf("127.0.0.1")));
  own.emplace_back(MatchProtocol(kProtocolUdp));
  own.emplace_back(
      MatchNumber(Field::kSourcePort, kProtocolUdp, container.dns->source, container.dns->source));
  own.emplace_back(PlanVerdict{.what = PlanVerdict::What::kReturn});
  chain.rules.push_back(std::move(own));
  for (const uint8_t protocol : {kProtocolUdp, kProtocolTcp}) {
    chain.rules.push_back(Redirecting(container, embedded, protocol, container.dns->embedded));
  }
  for (const uint8_t protocol : {kProtocolUdp, kProtocolTcp}) {
    chain.rules.push_back(Redirecting(container, {}, protocol, container.dns->direct));
  }
  return chain;
}

// Multicast listeners, routers and neighbours (RFC 4861, 3810), which conntrack does not follow.
PlanSet Neighbours() {
  return {.name = "neighbours",
          .kind = SetKind::kIcmp6,
          .numbers = {{130, 130},
                      {131, 131},
                      {132, 132},
                      {133, 133},
                      {134, 134},
                      {135, 135},
                      {136, 136},
                      {143, 143}}};
}

}  // namespace

NetfilterPlan BuildPlan(const NetworkRule& rule, const PlanFor& container) {
  NetfilterPlan plan{.table = TableName(container.key)};
  plan.sets.push_back(Neighbours());
  DirectionPlan(rule, Direction::kEgress, container, plan).Build();
  DirectionPlan(rule, Direction::kIngress, container, plan).Build();
  plan.chains.push_back(EntryChain("output", HookPoint::kOutput, "egress", container));
  plan.chains.push_back(EntryChain("input", HookPoint::kInput, "ingress", container));
  // What others send through the container is no process' of a control group.
  if (!container.cgroup) {
    plan.chains.push_back(EntryChain("forward", HookPoint::kForward, "egress", container));
  }
  if (container.dns) plan.chains.push_back(RedirectChain(container));
  return plan;
}

std::vector<DnsName> DnsNames(const NetworkRule& rule) {
  std::vector<DnsName> names;
  for (size_t i = 0; i < rule.egress.rules.size(); ++i) {
    const NetworkRuleItem& item = rule.egress.rules[i];
    for (const std::string& pattern : item.dns) {
      names.push_back({.pattern = pattern,
                       .allow = item.allow,
                       .set4 = SetName(Direction::kEgress, i, "dns4"),
                       .set6 = SetName(Direction::kEgress, i, "dns6"),
                       .private_ok = item.private_ok});
    }
  }
  return names;
}

}  // namespace runward
