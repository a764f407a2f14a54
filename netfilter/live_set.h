#pragma once

#include <netlink/netlink.h>

#include <cstdint>
#include <span>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "netfilter/timed_address.h"

namespace runward {

// The sets of a container's table whose elements come and go: addresses that names had. Reaches
// them in the network namespace in which it was opened, which the open socket keeps alive.
class LiveSets {
 public:
  // In the calling thread's network namespace; the table need not be there yet.
  static Result<LiveSets> Open(std::string table);

  // Puts addresses of one family into the set, or sets the time anew of those that are there. Done
  // when it returns, in one transaction: all or none.
  Result<void> Add(const std::string& set, std::span<const TimedAddress> addresses);

 private:
  using Socket = CHandle<nl_sock, nl_socket_free>;
  LiveSets(std::string table, Socket socket)
      : table_(std::move(table)), socket_(std::move(socket)) {}
  // 0, or the kernel's error number.
  Result<int> Send(const std::string& set, std::span<const TimedAddress> addresses, bool replace);

  std::string table_;
  Socket socket_;
  uint32_t sequence_ = 1;
};

}  // namespace runward
