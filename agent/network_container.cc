#include "agent/network_container.h"

#include <algorithm>
#include <utility>

#include "agent/observed_flow.h"
#include "base/file.h"
#include "netfilter/change_rules.h"
#include "netfilter/install.h"
#include "netfilter/interface_addresses.h"
#include "netfilter/names.h"
#include "netfilter/net_namespace.h"
#include "netfilter/network_scope.h"
#include "oci/container_event.h"
#include "oci/network_record.h"
#include "oci/record_json.h"
#include "peers/keep_peers.h"

namespace runward {
namespace {

constexpr size_t kTogether = 2048;  // packets, before others have their turn
constexpr size_t kMostOpen = 100'000;

}  // namespace

Result<std::unique_ptr<NetworkContainer>> NetworkContainer::Open(const Paths& paths,
                                                                 std::string key,
                                                                 const NetworkNote& note,
                                                                 Poller& poller,
                                                                 DnsResolver& host) {
  std::unique_ptr<NetworkContainer> one(
      new NetworkContainer(paths, std::move(key), note, poller, host));
  TRY(one->Begin());
  NetNamespace space = TRY(NetNamespaceOf(note.pid));
  if (space.is_ours) {
    return Error{"the container is in the host's network, where no rules are installed", ""};
  }
  one->scope_ = TRY(ReadNetworkScope(ScopeFile(paths, one->key_)));
  TRY(one->HoldCables(space));
  const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
  one->OpenReaders();
  if (NeedsDns(one->rule_)) TRY(one->OpenDns(one->rule_));
  one->space_ = std::move(space);
  return one;
}

NetworkContainer::~NetworkContainer() {
  Close();
  if (packets_) poller_.Remove(packets_->fd());
  if (connections_) poller_.Remove(connections_->fd());
}

CableHold::For NetworkContainer::AtCables(const NetworkRule& rule) const {
  return {key_, note_.start, rule, record_.mode == Mode::kAudit, restored_};
}

Result<void> NetworkContainer::HoldCables(const NetNamespace& space) {
  // Where it shares its network, which audit mode has it do, the cables are another's.
  if (rule_.capabilities != NetworkCapabilities::kVeth || scope_) return {};
  CableHold::Calls calls;
  calls.seen = [this](const FlowKey& key, const FlowCounts& counts) { SeeAtCable(key, counts); };
  calls.came = [this](std::string what, bool held) {
    Report("network.cable", std::move(what), held ? EventAction::kAllowed : EventAction::kError, 0);
  };
  auto opened = CableHold::Open(paths_, AtCables(rule_), space, poller_, std::move(calls));
  if (opened.ok()) {
    cables_ = std::move(opened).value();
    return {};
  }
  if (record_.mode != Mode::kAudit) return opened.error();
  Report("network.install", opened.error().message, EventAction::kWouldDeny, 0);
  return {};
}

// What it lets through the kernel inside tells of, with its bytes.
void NetworkContainer::SeeAtCable(const FlowKey& key, const FlowCounts& counts) {
  if (key.kind == FlowKind::kConnection) return;
  account_.Saw({.ingress = key.ingress, .rule = key.rule}, counts.count);
  log_.Add(key, counts);
}

void NetworkContainer::ReadLogged() {
  if (cables_) cables_->Read();
  if (packets_) packets_->Finish();
  ReadPackets();
}

void NetworkContainer::End() {
  ReadLogged();
  TellLost(/*last=*/true);
  RemoveFromShared();
  if (cables_) cables_->End();
  ReadConnections();
  if (!connections_) return;
  // Those that have not ended have bytes, too; the kernel forgets them with the namespace.
  (void)connections_
      ->ReadOpen(kMostOpen,
                 [this](const Connection& one) {
                   Connection ended = one;
                   ended.ended = true;
                   Take(ended);
                 })
      .ok();
}

// A network that others are in goes on without it: rules that hold for nothing any more go from it.
void NetworkContainer::RemoveFromShared() {
  if (space_ && scope_) (void)RemoveRules(*space_, key_).ok();
}

Result<void> NetworkContainer::Refresh() {
  TRY(Read());
  if (dns_) dns_->SetRules(DnsRules(rule_));
  return {};
}

DnsProxy::Rules NetworkContainer::DnsRules(const NetworkRule& rule) const {
  return {.names = DnsNames(rule),
          .default_allow = rule.egress.default_allow,
          .audit = record_.mode == Mode::kAudit};
}

Result<void> NetworkContainer::OpenDns(const NetworkRule& rule) {
  LiveSets sets = TRY(LiveSets::Open(TableName(key_)));
  DnsProxy::Calls calls;
  calls.refused = [this](const DnsRefusal& refusal) { log_.Add(refusal); };
  calls.in_own_network = [this](const Address& address) { return InOwnNetwork(address); };
  dns_ = TRY(
      DnsProxy::Open(note_.dns, std::move(sets), DnsRules(rule), poller_, host_, std::move(calls)));
  note_.dns = dns_->ports();
  return {};
}

bool NetworkContainer::InOwnNetwork(const Address& address) const {
  const Result<NetNamespace> space = NetNamespaceOf(note_.pid);
  if (!space.ok()) return false;
  const Result<InNetNamespace> inside = InNetNamespace::Enter(space.value());
  if (!inside.ok()) return false;
  const Result<InterfaceAddresses> own = InterfaceAddresses::Read();
  return own.ok() && own.value().Near(address);
}

void NetworkContainer::CloseDns() {
  dns_.reset();
  note_.dns = {};
}

Result<DeniedConnections> NetworkContainer::Apply() {
  const std::string path = RecordDirectory(paths_, key_) + "/" + std::string(kNextNetwork);
  const std::string text = TRY(ReadFileCapped(path, kMaxRecordBytes, Trust::kOwner));
  NetworkRule rule = TRY(ParseNetworkRecord(text));
  if (cables_) return ApplyAtCables(std::move(rule));
  const NetNamespace space = TRY(ContainerNetwork(note_.pid));
  if (!rule.given) {
    TRY(RemoveRules(space, key_));
    CloseDns();
    rule_ = std::move(rule);
    return DeniedConnections{};
  }
  const bool opened = NeedsDns(rule) && !dns_;
  if (opened) {
    const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
    TRY(OpenDns(rule));
  }
  Result<DeniedConnections> denied = Change(space, rule);
  if (denied.ok()) Restart();  // with the rules' own counters
  if (denied.ok()) rule_ = std::move(rule);
  if (denied.ok() && dns_) dns_->SetRules(DnsRules(rule_));
  if (denied.ok() ? !NeedsDns(rule_) : opened) CloseDns();
  return denied;
}

// What cannot be changed inside goes back at the cables.
Result<DeniedConnections> NetworkContainer::ApplyAtCables(NetworkRule rule) {
  if (!rule.given || rule.capabilities != NetworkCapabilities::kVeth || !space_) {
    return Error{"its cables hold it to its rules as long as it runs", "start the container again"};
  }
  ReadLogged();  // what the old rules denied is told of by their names
  TellLost(/*last=*/true);
  Tell(MonotonicMilliseconds(), /*all=*/true);
  TRY(cables_->Change(AtCables(rule)));
  Result<DeniedConnections> denied = Change(*space_, rule);
  if (!denied.ok()) {
    (void)cables_->Change(AtCables(rule_)).ok();
    return denied;
  }
  Restart();
  rule_ = std::move(rule);
  if (record_.mode == Mode::kAudit) return denied;
  // Mostly the same ones; but who flushed the rules inside has none there.
  const DeniedConnections there = TRY(cables_->Cut(rule_.cut_on_change));
  return DeniedConnections{.kept = std::max(denied.value().kept, there.kept),
                           .cut = std::max(denied.value().cut, there.cut)};
}

Result<DeniedConnections> NetworkContainer::Change(const NetNamespace& space,
                                                   const NetworkRule& rule) {
  const bool audit = record_.mode == Mode::kAudit;
  PlanFor container{.key = key_, .audit = audit};
  container.cgroup = scope_;
  if (NeedsDns(rule)) {
    container.dns = DnsPorts{
        .embedded = note_.dns.embedded, .direct = note_.dns.direct, .source = note_.dns.source};
  }
  NetfilterPlan plan = BuildPlan(rule, container);
  if (dns_) {
    const DnsProxy::Rules names = DnsRules(rule);
    dns_->addresses().Fill(names.names, names.default_allow, MonotonicMilliseconds() / 1000, plan);
  }
  std::optional<PeerChange> peers;
  if (NeedsPeers(rule) || NeedsPeers(rule_)) {
    peers.emplace(TRY(PeerChange::Begin(paths_, key_, space)));
    peers->sets.Fill(PeerRulesOf(rule), plan);
  }
  const auto named = [&](const NetworkRuleItem& item, const Address& peer) {
    return (dns_ != nullptr && dns_->addresses().HadName(peer, item.dns)) ||
           (peers && peers->sets.Has(item, peer));
  };
  const DeniedConnections denied = TRY(ChangeRules(space, rule, container, plan, named));
  if (peers) TRY(RewritePeerRules(paths_, key_, note_.pid, PeerRulesOf(rule)));
  return denied;
}

// Rules hold also where nobody reads what they log.
void NetworkContainer::OpenReaders() {
  Result<NetfilterSocket> rules = OpenNetfilter();
  if (rules.ok()) rules_ = std::move(rules).value();
  // What is denied before the log is read comes by no other way.
  TellMissing(account_.Begin(Counted()), /*unread=*/true);
  Result<NflogReader> packets = NflogReader::Open(LogGroup(key_));
  if (packets.ok()) {
    packets_.emplace(std::move(packets).value());
    (void)poller_.Add(packets_->fd(), [this] { ReadPackets(); }).ok();
  } else {
    Report("network.events", "denied packets are not told of: " + packets.error().message,
           EventAction::kError, 0);
  }
  Result<ConntrackReader> connections = ConntrackReader::Open();
  if (connections.ok()) {
    connections_.emplace(std::move(connections).value());
    (void)poller_.Add(connections_->fd(), [this] { ReadConnections(); }).ok();
  } else {
    Report("network.events", "connections are not told of: " + connections.error().message,
           EventAction::kError, 0);
  }
}

void NetworkContainer::Take(const NflogPacket& logged) {
  const auto seen = ObservedFlowOf(logged);
  if (!seen || SeenAtCables()) return;
  account_.Saw({.ingress = seen->key.ingress, .rule = seen->key.rule}, 1);
  log_.Add(seen->key, seen->counts);
}

void NetworkContainer::Take(const Connection& one) {
  if (const auto seen = ObservedFlowOf(one, key_)) log_.Add(seen->key, seen->counts);
}

void NetworkContainer::ReadPackets() {
  if (!packets_) return;
  const auto read = packets_->Read(kTogether, [this](const NflogPacket& one) { Take(one); });
  if (read.ok()) return;
  poller_.Remove(packets_->fd());
  Report("network.events", "denied packets are not told of any more: " + read.error().message,
         EventAction::kError, 0);
}

void NetworkContainer::ReadConnections() {
  if (!connections_) return;
  const auto read = connections_->Read(kTogether, [this](const Connection& one) { Take(one); });
  if (read.ok()) return;
  poller_.Remove(connections_->fd());
  Report("network.events", "connections are not told of any more: " + read.error().message,
         EventAction::kError, 0);
}

DeniedTotals NetworkContainer::Counted() const {
  DeniedTotals totals =
      rules_ && !SeenAtCables() ? CountedDenials(rules_.get(), key_) : DeniedTotals();
  if (!cables_) return totals;
  for (const auto& [place, packets] : cables_->Denied()) totals[place] += packets;
  return totals;
}

void NetworkContainer::TellLost(bool last) {
  WatchedNetwork::TellLost(last);
  if (connections_ && connections_->overruns() > overruns_) {
    overruns_ = connections_->overruns();
    Report("network.lost", "connections began or ended that there was no room to tell of",
           EventAction::kError, 0);
  }
}

bool NetworkContainer::Tick(int64_t now) {
  if (dns_) dns_->Tick(now);
  return WatchedNetwork::Tick(now);
}

}  // namespace runward
