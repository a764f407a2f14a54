#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/cable_hold.h"
#include "agent/dns_proxy.h"
#include "agent/poller.h"
#include "agent/watched_network.h"
#include "netfilter/batch.h"
#include "netfilter/conntrack.h"
#include "netfilter/net_namespace.h"
#include "netfilter/nflog.h"

namespace runward {

// One container whose network has rules: reads what they log and what they let through, resolves
// names for it, and tells of all that. Without the agent names are not resolved.
class NetworkContainer : public WatchedNetwork {
 public:
  // The container of the record, whose first process is `note`'s, whose ports are taken (0: free
  // ones). What of it cannot be read is told of; an Error when its names could not be resolved.
  static Result<std::unique_ptr<NetworkContainer>> Open(const Paths& paths, std::string key,
                                                        const NetworkNote& note, Poller& poller,
                                                        DnsResolver& host);
  // Tells what is left to be told.
  ~NetworkContainer() override;

  [[nodiscard]] Result<Holding> holding() override {
    return cables_ && cables_->HoldsAll() ? Holding::kYes : Holding::kNo;
  }
  // Reads what its connections came to.
  void End() override;
  Result<void> Refresh() override;
  Result<DeniedConnections> Apply() override;
  bool Tick(int64_t now) override;
  [[nodiscard]] bool idle() const override {
    return WatchedNetwork::idle() && (!dns_ || dns_->idle());
  }

 private:
  NetworkContainer(const Paths& paths, std::string key, const NetworkNote& note, Poller& poller,
                   DnsResolver& host)
      : WatchedNetwork(paths, std::move(key), note),
        poller_(poller),
        host_(host),
        restored_(note.start != 0) {}

  void OpenReaders();
  Result<void> HoldCables(const NetNamespace& space);
  [[nodiscard]] CableHold::For AtCables(const NetworkRule& rule) const;
  Result<DeniedConnections> ApplyAtCables(NetworkRule rule);
  void SeeAtCable(const FlowKey& key, const FlowCounts& counts);
  void RemoveFromShared();
  // In the container's network namespace.
  Result<void> OpenDns(const NetworkRule& rule);
  void CloseDns();
  [[nodiscard]] bool InOwnNetwork(const Address& address) const;
  Result<DeniedConnections> Change(const NetNamespace& space, const NetworkRule& rule);
  [[nodiscard]] DnsProxy::Rules DnsRules(const NetworkRule& rule) const;
  [[nodiscard]] FlowContext Context() const override { return {record_, rule_, dns_.get()}; }
  void ReadPackets();
  void ReadLogged() override;
  void ReadConnections();
  void Take(const NflogPacket& packet);
  void Take(const Connection& connection);
  [[nodiscard]] DeniedTotals Counted() const override;
  // In audit mode, where the same packet passes the rules inside and at the cable, that one tells.
  [[nodiscard]] bool SeenAtCables() const { return cables_ && record_.mode == Mode::kAudit; }
  void TellLost(bool last) override;

  Poller& poller_;
  DnsResolver& host_;
  bool restored_;  // it was there before this agent
  std::optional<NetNamespace> space_;
  std::optional<CgroupScope> scope_;   // where it shares its network
  std::unique_ptr<CableHold> cables_;  // where they are held
  std::optional<NflogReader> packets_;
  std::optional<ConntrackReader> connections_;
  NetfilterSocket rules_;          // in the container's network namespace
  std::unique_ptr<DnsProxy> dns_;  // after the log, which it writes to
  uint64_t overruns_ = 0;          // of connections_, as told
};

}  // namespace runward
