#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/denied_account.h"
#include "agent/dns_proxy.h"
#include "agent/flow_log.h"
#include "agent/network_note.h"
#include "agent/poller.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"
#include "netfilter/batch.h"
#include "netfilter/conntrack.h"
#include "netfilter/net_namespace.h"
#include "netfilter/nflog.h"
#include "netfilter/open_connections.h"
#include "oci/record.h"
#include "policy/network_rule.h"

namespace runward {

// One container whose network has rules: reads what they log and what they let through, resolves
// names for it, and tells of all that. Its end, or the agent's, changes no rule; names are then not
// resolved.
class NetworkContainer {
 public:
  // The container of the record, whose first process is `note`'s, whose ports are taken (0: free
  // ones). What of it cannot be read is told of; an Error when its names could not be resolved.
  static Result<std::unique_ptr<NetworkContainer>> Open(const Paths& paths, std::string key,
                                                        const NetworkNote& note, Poller& poller,
                                                        DnsResolver& host);
  NetworkContainer(const NetworkContainer&) = delete;
  NetworkContainer& operator=(const NetworkContainer&) = delete;
  // Tells what is left to be told.
  ~NetworkContainer();

  [[nodiscard]] const NetworkNote& note() const { return note_; }
  [[nodiscard]] int alive() const { return alive_.get(); }  // readable when it has ended
  // Reads what its connections came to, as the container has ended.
  void End();
  // Tells of all that there is, for the last time.
  void Close();
  // Reads the record anew.
  Result<void> Refresh();
  // Puts the rules that lie beside the record in the place of those that hold. The record, which is
  // still the old one, is then to be read anew.
  Result<DeniedConnections> Apply();
  // To be called about once a second while not idle. Milliseconds of a monotonic clock. True when
  // the note is another.
  bool Tick(int64_t now);
  [[nodiscard]] bool idle() const {
    return log_.empty() && account_.settled() && (!dns_ || dns_->idle());
  }

 private:
  NetworkContainer(const Paths& paths, std::string key, const NetworkNote& note, Poller& poller,
                   DnsResolver& host)
      : paths_(paths),
        key_(std::move(key)),
        note_(note),
        poller_(poller),
        host_(host),
        account_(note.told) {}

  Result<void> Read();
  void OpenReaders();
  void RemoveFromShared();
  // In the container's network namespace.
  Result<void> OpenDns(const NetworkRule& rule);
  void CloseDns();
  [[nodiscard]] bool InOwnNetwork(const Address& address) const;
  Result<DeniedConnections> Change(const NetNamespace& space, const NetworkRule& rule);
  [[nodiscard]] DnsProxy::Rules DnsRules(const NetworkRule& rule) const;
  [[nodiscard]] FlowContext Context() const { return {record_, rule_, dns_.get()}; }
  void ReadPackets();
  void ReadLastPackets();
  void ReadConnections();
  void Take(const NflogPacket& packet);
  void Take(const Connection& connection);
  // What the rules counted and the log lacks.
  [[nodiscard]] DeniedTotals Counted() const;
  void TellMissing(const DeniedTotals& missing, bool unread);
  void TellLost(bool last);
  void Tell(int64_t now, bool all);
  void Report(std::string rule, std::string reason, EventAction action, uint64_t count);

  const Paths& paths_;
  std::string key_;
  NetworkNote note_;
  Poller& poller_;
  DnsResolver& host_;
  Record record_;
  NetworkRule rule_;
  bool closed_ = false;
  UniqueFd alive_;
  std::optional<NetNamespace> space_;
  std::optional<CgroupScope> scope_;  // where it shares its network
  std::optional<NflogReader> packets_;
  std::optional<ConntrackReader> connections_;
  FlowLog log_;
  NetfilterSocket rules_;  // in the container's network namespace
  DeniedAccount account_;
  std::unique_ptr<DnsProxy> dns_;  // after the log, which it writes to
  uint64_t overruns_ = 0;          // of connections_, as told
};

}  // namespace runward
