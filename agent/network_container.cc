#include "agent/network_container.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "agent/container_event.h"
#include "base/file.h"
#include "netfilter/change_rules.h"
#include "netfilter/install.h"
#include "netfilter/log_prefix.h"
#include "netfilter/names.h"
#include "netfilter/net_namespace.h"
#include "oci/network_record.h"
#include "oci/record_json.h"

namespace runward {
namespace {

constexpr size_t kTogether = 2048;  // packets, before others have their turn
constexpr size_t kMostOpen = 100'000;

int32_t IndexOf(const std::optional<uint32_t>& rule) {
  return rule ? static_cast<int32_t>(*rule) : -1;
}

bool NobodyIsNamed(const NetworkRuleItem& /*item*/, const Address& /*peer*/) { return false; }

}  // namespace

Result<std::unique_ptr<NetworkContainer>> NetworkContainer::Open(const Paths& paths,
                                                                 std::string key,
                                                                 const NetworkNote& note,
                                                                 Poller& poller) {
  std::unique_ptr<NetworkContainer> one(new NetworkContainer(paths, std::move(key), note, poller));
  TRY(one->Read());
  one->alive_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, note.pid, 0)));
  if (!one->alive_.valid()) {
    return ErrnoError("look at the container's process " + std::to_string(note.pid), errno);
  }
  one->note_.start = StartTimeOf(note.pid);
  const NetNamespace space = TRY(NetNamespaceOf(note.pid));
  if (space.is_ours) {
    return Error{"the container is in the host's network, where no rules are installed", ""};
  }
  const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
  one->OpenReaders();
  return one;
}

NetworkContainer::~NetworkContainer() {
  if (packets_) poller_.Remove(packets_->fd());
  if (connections_) poller_.Remove(connections_->fd());
  TellLost();
  log_.Tell(paths_, Context(), 0, /*all=*/true);
}

void NetworkContainer::End() {
  ReadPackets();
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

Result<void> NetworkContainer::Read() {
  record_ = TRY(ReadRecordOf(paths_, key_));
  rule_ = TRY(ParseNetworkRecord(record_.network));
  return {};
}

Result<void> NetworkContainer::Refresh() { return Read(); }

Result<DeniedConnections> NetworkContainer::Apply() {
  const std::string path = RecordDirectory(paths_, key_) + "/" + std::string(kNextNetwork);
  const std::string text = TRY(ReadFileCapped(path, kMaxRecordBytes, Trust::kOwner));
  NetworkRule rule = TRY(ParseNetworkRecord(text));
  const NetNamespace space = TRY(ContainerNetwork(note_.pid));
  DeniedConnections denied;
  if (rule.given) {
    const bool audit = record_.mode == Mode::kAudit;
    const NetfilterPlan plan = BuildPlan(rule, {.key = key_, .audit = audit});
    denied = TRY(ChangeRules(space, rule, plan, audit, NobodyIsNamed));
  } else {
    TRY(RemoveRules(space, key_));
  }
  rule_ = std::move(rule);
  return denied;
}

// Rules hold also where nobody reads what they log.
void NetworkContainer::OpenReaders() {
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
  const std::optional<LogPrefix> prefix = ParseLogPrefix(logged.prefix);
  if (!prefix) return;
  const PacketView& packet = logged.packet;
  const bool ingress = prefix->direction == Direction::kIngress;
  const uint16_t port =
      HasPorts(packet.protocol) ? packet.destination_port : uint16_t{packet.icmp_type};
  log_.Add(
      {.kind = prefix->would_deny ? FlowKind::kWouldDeny : FlowKind::kDenied,
       .ingress = ingress,
       .protocol = packet.protocol,
       .port = port,
       .rule = IndexOf(prefix->rule),
       .peer = ingress ? packet.source : packet.destination},
      {.count = 1, .bytes_out = ingress ? 0 : packet.size, .bytes_in = ingress ? packet.size : 0});
}

// The mark says whose rules let it through, which matters where containers share a namespace.
void NetworkContainer::Take(const Connection& one) {
  const std::optional<ConnectionMark> mark = ParseMark(one.mark);
  if (!mark || mark->container != (LogGroup(key_) & 0x7fff)) return;
  const bool ingress = mark->direction == Direction::kIngress;
  const uint16_t port = HasPorts(one.protocol) ? one.destination_port : uint16_t{one.icmp_type};
  log_.Add({.kind = FlowKind::kConnection,
            .ingress = ingress,
            .protocol = one.protocol,
            .port = port,
            .rule = IndexOf(mark->rule),
            .peer = ingress ? one.source : one.destination},
           {.count = one.ended ? 0U : 1U,
            .bytes_out = ingress ? one.bytes_received : one.bytes_sent,
            .bytes_in = ingress ? one.bytes_sent : one.bytes_received});
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

void NetworkContainer::TellLost() {
  if (packets_ && packets_->lost() > lost_) {
    const uint64_t count = packets_->lost() - lost_;
    lost_ = packets_->lost();
    const bool audit = record_.mode == Mode::kAudit;
    Report("network.lost",
           std::to_string(count) + " more packets were logged than there was room to tell of",
           audit ? EventAction::kWouldDeny : EventAction::kDenied, count);
  }
  if (connections_ && connections_->overruns() > overruns_) {
    overruns_ = connections_->overruns();
    Report("network.lost", "connections began or ended that there was no room to tell of",
           EventAction::kError, 0);
  }
}

void NetworkContainer::Report(std::string rule, std::string reason, EventAction action,
                              uint64_t count) {
  LogEvent(paths_, EventOfReading(Context(), std::move(rule), std::move(reason), action, count),
           record_.events);
}

void NetworkContainer::Tick(int64_t now) {
  TellLost();
  if (!log_.empty()) log_.Tell(paths_, Context(), now, /*all=*/false);
}

}  // namespace runward
