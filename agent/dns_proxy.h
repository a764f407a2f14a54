#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/dns_gate.h"
#include "agent/dns_resolver.h"
#include "agent/dns_stream.h"
#include "agent/poller.h"
#include "base/result.h"
#include "netfilter/dns_chain.h"
#include "netfilter/dns_message.h"
#include "netfilter/live_set.h"
#include "oci/agent_client.h"

namespace runward {

// What its proxy refused a container, for the events.
struct DnsRefusal {
  std::string name;
  std::string rule;  // "network.dns.name", "network.dns.private", "network.dns.full"
  std::string reason;
};

// The DNS of one container: whatever it asks, of whomever, its rules lead here, to sockets on the
// loopback of its network namespace. A name that no rule allows is refused and asked of nobody; of
// others only addresses (A, AAAA) and the aliases to them are told, anything else as not there. The
// addresses are in the rules' sets before the container reads them.
//
// It does not protect against what an allowed name's owner does: who runs the servers of
// *.example.com learns what is asked below it, and chooses its addresses. Docker's resolver, at
// 127.0.0.11 in the container's network namespace, is asked for names that no public DNS has alone:
// a process of the container's could stand in its place, and then chooses among the addresses of
// the container's own networks.
class DnsProxy {
 public:
  struct Rules {
    std::vector<DnsName> names;
    bool default_allow = false;
    bool audit = false;  // what would be refused is told of, and resolved
  };
  struct Calls {
    std::function<void(const DnsRefusal&)> refused;
    // Whether an address lies in a network that an interface of the container is in.
    std::function<bool(const Address&)> in_own_network;
  };

  // Takes `ports` (zeros: free ones) in the calling thread's network namespace, in which `sets` was
  // opened, too.
  static Result<std::unique_ptr<DnsProxy>> Open(const AgentDns& ports, LiveSets sets, Rules rules,
                                                Poller& poller, DnsResolver& host, Calls calls);
  DnsProxy(const DnsProxy&) = delete;
  DnsProxy& operator=(const DnsProxy&) = delete;
  ~DnsProxy();

  [[nodiscard]] const AgentDns& ports() const { return ports_; }
  void SetRules(Rules rules) { rules_ = std::move(rules); }
  [[nodiscard]] const DnsAddresses& addresses() const { return addresses_; }
  // To be called about once a second while it is not idle. Milliseconds.
  void Tick(int64_t now);
  [[nodiscard]] bool idle() const { return clients_.empty() && asking_ == 0 && embedded_->idle(); }

 private:
  // A client over TCP, and the answer that it waits for.
  struct Client {
    UniqueFd fd;
    DnsStream stream;
    bool embedded = false;
    int64_t until = 0;
    uint64_t number = 0;
  };
  using Reply = std::function<void(const std::string&)>;

  DnsProxy(LiveSets sets, Rules rules, Poller& poller, DnsResolver& host, Calls calls)
      : sets_(std::move(sets)),
        rules_(std::move(rules)),
        poller_(poller),
        host_(host),
        calls_(std::move(calls)) {}

  Result<void> Listen(const Address& address, bool embedded, bool tcp, uint16_t& port);
  Result<void> ListenBoth(bool embedded, uint16_t& port);
  bool Takes();
  void ReadDatagrams(int fd, bool embedded);
  void Accept(int fd, bool embedded);
  void ReadClient(int fd);
  void WriteClient(int fd, uint64_t number, const std::string& message);
  void FlushClient(int fd);
  void DropClient(int fd);
  std::optional<DnsCode> AnswerHere(const DnsQuestion& question);
  void Serve(std::span<const uint8_t> message, bool embedded, bool tcp, const Reply& reply);
  std::string Answer(const DnsQuery& query, size_t limit, bool near, const DnsAnswer& answer);
  void KeepNear(DnsResolved& resolved) const;
  bool LetThrough(const DnsVerdict& verdict, const std::string& name, const DnsResolved& resolved);

  LiveSets sets_;
  Rules rules_;
  Poller& poller_;
  DnsResolver& host_;
  Calls calls_;
  AgentDns ports_;
  std::vector<UniqueFd> sockets_;
  std::unique_ptr<EmbeddedResolver> embedded_;
  DnsAddresses addresses_;
  std::map<int, Client> clients_;
  uint64_t next_client_ = 1;
  size_t asking_ = 0;
  int64_t tokens_ = 0;  // questions that may be asked now
  int64_t filled_ = 0;
  // Answers that come when the proxy is gone find this empty.
  std::shared_ptr<DnsProxy*> self_ = std::make_shared<DnsProxy*>(this);
};

}  // namespace runward
