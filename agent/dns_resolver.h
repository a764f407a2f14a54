#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/dns_stream.h"
#include "agent/poller.h"
#include "base/fd.h"
#include "base/result.h"
#include "netfilter/dns_message.h"
#include "policy/address.h"

namespace runward {

// Who is asked for names that a container's rules allow.
class DnsResolver {
 public:
  // nullopt: no server has answered.
  using Done = std::function<void(const std::optional<DnsAnswer>&)>;

  DnsResolver() = default;
  DnsResolver(const DnsResolver&) = delete;
  DnsResolver& operator=(const DnsResolver&) = delete;
  virtual ~DnsResolver() = default;
  // Calls `done` once, later or at once.
  virtual void Ask(const DnsQuestion& question, bool tcp, Done done) = 0;
  // To be called about once a second: gives up what waits for too long. Milliseconds.
  virtual void Tick(int64_t now) = 0;
  [[nodiscard]] virtual bool idle() const = 0;
};

// The host's resolvers, asked from the host's network namespace, where no container can be, each
// question from a socket with a port of its own. Which they are says /etc/resolv.conf, read anew
// when it has changed.
class HostResolver : public DnsResolver {
 public:
  HostResolver(Poller& poller, std::string config) : poller_(poller), config_(std::move(config)) {}
  ~HostResolver() override;
  void Ask(const DnsQuestion& question, bool tcp, Done done) override;
  void Tick(int64_t now) override;
  [[nodiscard]] bool idle() const override { return asked_.empty(); }

 private:
  struct Asked {
    UniqueFd fd;
    DnsStream stream;  // over TCP
    uint16_t id = 0;
    DnsQuestion question;
    bool tcp = false;
    size_t server = 0;
    int64_t until = 0;
    Done done;
  };
  bool Send(Asked& asked);
  void Read(int fd);
  void Connected(int fd);
  void Settle(int fd, const std::optional<DnsAnswer>& answer);
  void Next(Asked asked);
  [[nodiscard]] const std::vector<Address>& Servers();

  Poller& poller_;
  std::string config_;
  int64_t config_time_ = 0;
  std::vector<Address> servers_;
  std::map<int, Asked> asked_;  // by socket
};

// Docker's resolver at 127.0.0.11 in the container's network namespace, asked from a socket there
// whose port its rules know. A question over TCP goes there in a datagram as well.
class EmbeddedResolver : public DnsResolver {
 public:
  // `socket` is bound in the container's network namespace, and polled by the caller.
  explicit EmbeddedResolver(UniqueFd socket) : socket_(std::move(socket)) {}
  [[nodiscard]] int fd() const { return socket_.get(); }
  void Read();
  void Ask(const DnsQuestion& question, bool tcp, Done done) override;
  void Tick(int64_t now) override;
  [[nodiscard]] bool idle() const override { return asked_.empty(); }

 private:
  struct Asked {
    DnsQuestion question;
    int64_t until = 0;
    Done done;
  };
  UniqueFd socket_;
  std::map<uint16_t, Asked> asked_;
};

// The addresses of "nameserver" lines (resolv.conf(5)), at most three.
std::vector<Address> NameServersIn(std::string_view text);

int64_t MonotonicMilliseconds();

}  // namespace runward
