#include "netfilter/batch.h"

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace runward {
namespace {

constexpr size_t kRoom = size_t{160} << 10;  // one message: a list of 64 KiB, and what is around it

// The sizes that the kernel grants root beyond its limit for others.
Result<void> Widen(int fd, size_t bytes) {
  const int size = static_cast<int>(std::min<size_t>(bytes, size_t{512} << 20));
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0) {
    return ErrnoError("make room for " + std::to_string(bytes) + " bytes of rules", errno);
  }
  return {};
}

struct Outcome {
  bool answered = false;
  int error = 0;
  uint32_t sequence = 0;
};

// What the kernel answered; it has by the time that the batch is sent.
Outcome ReadOutcome(int fd) {
  Outcome outcome;
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t size = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size <= 0) break;
    auto left = static_cast<uint32_t>(size);
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_type != NLMSG_ERROR) continue;
      const auto* error = static_cast<const nlmsgerr*>(NLMSG_DATA(message));
      outcome.answered = true;
      if (error->error == 0 || outcome.error != 0) continue;
      outcome.error = -error->error;
      outcome.sequence = message->nlmsg_seq;
    }
  }
  return outcome;
}

Error Refused(int error, const std::string& what) {
  Error refused = ErrnoError("nftables: " + what, error);
  if (error == ENOENT || error == EOPNOTSUPP || error == EAFNOSUPPORT) {
    refused.hint = "the kernel lacks what this needs; runwardctl doctor names it";
  }
  if (error == EPERM) refused.hint = "it needs CAP_NET_ADMIN in the network namespace";
  return refused;
}

}  // namespace

Result<NetfilterSocket> OpenNetfilter() {
  NetfilterSocket socket(nl_socket_alloc());
  if (!socket) return Error{"make a netlink socket: no memory", ""};
  const int failed = nl_connect(socket.get(), NETLINK_NETFILTER);
  if (failed == 0) return socket;
  return Error{std::string("open netfilter's netlink socket: ") + nl_geterror(failed),
               "the kernel may lack nf_tables; ask runwardctl doctor"};
}

// Not filled: a message writes all that it is of, and most are a thousandth of the room.
Batch::Batch() : room_(std::make_unique_for_overwrite<char[]>(kRoom)) {
  AddEdge(NFNL_MSG_BATCH_BEGIN);
}

void Batch::AddEdge(uint16_t type) {
  struct {
    nlmsghdr header;
    nfgenmsg family;
  } edge{};
  edge.header = {.nlmsg_len = sizeof edge,
                 .nlmsg_type = type,
                 .nlmsg_flags = NLM_F_REQUEST,
                 .nlmsg_seq = static_cast<uint32_t>(names_.size()),
                 .nlmsg_pid = 0};
  edge.family.res_id = htons(NFNL_SUBSYS_NFTABLES);
  const auto* bytes = reinterpret_cast<const char*>(&edge);
  bytes_.insert(bytes_.end(), bytes, bytes + sizeof edge);
  names_.emplace_back([] { return std::string("the batch"); });
}

nlmsghdr* Batch::Begin(uint16_t type, uint16_t flags, std::function<std::string()> what) {
  nlmsghdr* message = nftnl_nlmsg_build_hdr(room_.get(), type, NFPROTO_INET, flags,
                                            static_cast<uint32_t>(names_.size()));
  names_.push_back(std::move(what));
  return message;
}

void Batch::End() {
  const auto* message = reinterpret_cast<const nlmsghdr*>(room_.get());
  current_ = bytes_.size();
  bytes_.insert(bytes_.end(), room_.get(), room_.get() + MNL_ALIGN(message->nlmsg_len));
}

Result<void> Batch::Commit(nl_sock* socket) {
  AskForAnswer();
  AddEdge(NFNL_MSG_BATCH_END);
  return Send(socket);
}

// Without its end a batch is carried out, answered, and taken back.
Result<void> Batch::Try(nl_sock* socket) {
  AskForAnswer();
  return Send(socket);
}

// The last command answers also when all went well.
void Batch::AskForAnswer() {
  reinterpret_cast<nlmsghdr*>(bytes_.data() + current_)->nlmsg_flags |= NLM_F_ACK;
}

Result<void> Batch::Send(nl_sock* socket) {
  const int fd = nl_socket_get_fd(socket);
  constexpr size_t kUsual = size_t{32} << 10;  // what libnl asks for, and the kernel doubles
  if (bytes_.size() > kUsual) TRY(Widen(fd, bytes_.size() * 2));
  const int sent = nl_sendto(socket, bytes_.data(), bytes_.size());
  if (sent < 0) return Error{std::string("send rules to nftables: ") + nl_geterror(sent), ""};
  const Outcome outcome = ReadOutcome(fd);
  refused_ = outcome.error;
  if (outcome.error != 0) {
    const size_t place = std::min<size_t>(outcome.sequence, names_.size() - 1);
    return Refused(outcome.error, names_[place]());
  }
  if (outcome.answered) return {};
  return Error{"nftables did not answer", "the kernel may lack nf_tables; ask runwardctl doctor"};
}

}  // namespace runward
