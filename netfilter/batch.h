#pragma once

#include <netlink/netlink.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

struct nlmsghdr;

namespace runward {

// Commands to nftables that the kernel carries out all or not at all (nfnetlink's batches).
class Batch {
 public:
  Batch();

  // A command (NFT_MSG_*) of family inet, with room for a payload of 64 KiB and a bit; `what` names
  // it when it fails. End() before the next.
  nlmsghdr* Begin(uint16_t type, uint16_t flags, std::function<std::string()> what);
  void End();

  // Carries them out in the network namespace of the socket. The Error names the command that
  // failed first.
  Result<void> Commit(nl_sock* socket);
  // The kernel's error number of a Commit that it refused; 0 otherwise.
  [[nodiscard]] int refused() const { return refused_; }
  // Whether Commit would do; changes nothing. Once, and not before Commit.
  Result<void> Try(nl_sock* socket);

 private:
  void AddEdge(uint16_t type);
  void AskForAnswer();
  Result<void> Send(nl_sock* socket);

  std::vector<char> bytes_;
  std::unique_ptr<char[]> room_;  // of the message begun
  int refused_ = 0;
  size_t current_ = 0;                               // offset of the last message ended
  std::vector<std::function<std::string()>> names_;  // by sequence number
};

// A netfilter socket in the calling thread's network namespace.
using NetfilterSocket = CHandle<nl_sock, nl_socket_free>;
Result<NetfilterSocket> OpenNetfilter();

}  // namespace runward
