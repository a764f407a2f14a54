#pragma once

#include <netlink/netlink.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/fd.h"
#include "base/result.h"
#include "netfilter/special_address.h"

namespace runward {

// A connection as the kernel tracks it; UDP's and ICMP's exchanges are some, too.
struct Connection {
  bool ended = false;
  uint8_t protocol = 0;
  Address source;        // who began it
  Address destination;   // as the beginner addressed it
  Address answers_from;  // who answers: another address where it is translated
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint8_t icmp_type = 0;
  uint32_t mark = 0;
  uint64_t bytes_sent = 0;  // by who began it
  uint64_t bytes_received = 0;
};

// Reads the beginnings and ends of connections in the network namespace in which it was opened,
// which the open socket keeps alive, with the bytes that were counted in between.
class ConntrackReader {
 public:
  using Visitor = std::function<void(const Connection&)>;

  // In the calling thread's network namespace, in which it has the kernel count bytes.
  static Result<ConntrackReader> Open();

  [[nodiscard]] int fd() const { return nl_socket_get_fd(events_.get()); }
  // As NflogReader::Read.
  Result<bool> Read(size_t most, const Visitor& visit);
  // Connections that have not ended, with their bytes so far; at most `most`.
  Result<void> ReadOpen(size_t most, const Visitor& visit);
  // How often the kernel had more to tell than there was room for; how much more, it does not say.
  [[nodiscard]] uint64_t overruns() const { return overruns_; }

 private:
  using Socket = CHandle<nl_sock, nl_socket_free>;
  ConntrackReader(Socket events, Socket table)
      : events_(std::move(events)), table_(std::move(table)) {}

  Socket events_;
  Socket table_;
  uint64_t overruns_ = 0;
};

// The connection that a message of NFNL_SUBSYS_CTNETLINK tells of; nullopt for one that does not.
std::optional<Connection> ViewConnection(std::span<const uint8_t> message);

}  // namespace runward
