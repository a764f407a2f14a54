#include "agent/watched_network.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "oci/container_event.h"
#include "oci/network_record.h"

namespace runward {

Result<void> WatchedNetwork::Begin() {
  TRY(Read());
  alive_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, note_.pid, 0)));
  if (!alive_.valid()) {
    return ErrnoError("look at the container's process " + std::to_string(note_.pid), errno);
  }
  note_.start = StartTimeOf(note_.pid);
  return {};
}

Result<void> WatchedNetwork::Read() {
  record_ = TRY(ReadRecordOf(paths_, key_));
  rule_ = TRY(ParseNetworkRecord(record_.network));
  return {};
}

void WatchedNetwork::Close() {
  if (std::exchange(closed_, true)) return;
  ReadLogged();
  TellLost(/*last=*/true);
  Tell(MonotonicMilliseconds(), /*all=*/true);
  note_.told = account_.told();
}

void WatchedNetwork::Restart() {
  account_.Restart();
  note_.told.clear();
}

void WatchedNetwork::TellMissing(const DeniedTotals& missing, bool unread) {
  for (const auto& [place, packets] : missing) {
    LogEvent(paths_, EventOfMissing(Context(), place, packets, unread), LogOptions(record_.events));
    account_.Told(place, packets);
  }
}

void WatchedNetwork::TellLost(bool last) {
  TellMissing(account_.Missing(Counted(), last), /*unread=*/false);
}

void WatchedNetwork::Report(std::string rule, std::string reason, EventAction action,
                            uint64_t count) {
  LogEvent(paths_, EventOfReading(Context(), std::move(rule), std::move(reason), action, count),
           LogOptions(record_.events));
}

void WatchedNetwork::Tell(int64_t now, bool all) {
  log_.Tell(paths_, Context(), now / 1000, all, [this](const FlowTable::Flow& flow) {
    if (flow.key.kind == FlowKind::kConnection) return;
    account_.Told({.ingress = flow.key.ingress, .rule = flow.key.rule}, flow.counts.count);
  });
}

bool WatchedNetwork::Tick(int64_t now) {
  TellLost(/*last=*/false);
  if (!log_.empty()) Tell(now, /*all=*/false);
  if (account_.told() == note_.told) return false;
  note_.told = account_.told();
  return true;
}

}  // namespace runward
