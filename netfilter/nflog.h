#pragma once

#include <netlink/netlink.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "netfilter/packet_view.h"

namespace runward {

// A packet that a rule logged.
struct NflogPacket {
  std::optional<uint32_t> number;  // of the group's packets, from 0
  std::string_view prefix;         // the rule's
  PacketView packet;
};

// Reads what rules with `log group N` tell, in the network namespace in which it was opened, which
// the open socket keeps alive: it is to be closed when the container ends. A reader that is slow
// makes no packet wait: what does not fit into 8 MB is lost, and counted. One reader a group.
class NflogReader {
 public:
  using Visitor = std::function<void(const NflogPacket&)>;

  // In the calling thread's network namespace.
  static Result<NflogReader> Open(uint16_t group);

  [[nodiscard]] int fd() const { return nl_socket_get_fd(socket_.get()); }
  // Visits what there is, at most about `most` packets of it; true when there may be more. An Error
  // when the socket is of no use any more.
  Result<bool> Read(size_t most, const Visitor& visit);
  // Has the kernel hand over what it keeps back to tell together, for the last Read; nothing is
  // logged here afterwards.
  void Finish();
  // Packets that were logged and not read, as the gaps in the kernel's numbers say: exact up to the
  // last one that was read.
  [[nodiscard]] uint64_t lost() const { return lost_; }

 private:
  using Socket = CHandle<nl_sock, nl_socket_free>;
  NflogReader(Socket socket, uint16_t group) : socket_(std::move(socket)), group_(group) {}
  size_t Take(void* bytes, int size, const Visitor& visit);
  void Count(uint32_t number);

  Socket socket_;
  uint16_t group_;
  uint64_t lost_ = 0;
  uint32_t next_ = 0;  // the kernel's next number; its first is 0
};

// The packet that a message of NFNL_SUBSYS_ULOG tells of, whose prefix stays in the message;
// nullopt for one that does not.
std::optional<NflogPacket> ViewLogged(std::span<const uint8_t> message);

}  // namespace runward
