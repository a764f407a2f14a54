#include "netfilter/open_connections.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/msg.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "netfilter/batch.h"

namespace runward {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;
constexpr size_t kMost = 1'000'000;  // connections; more than a kernel's table has room for
constexpr uint16_t kTable = NFNL_SUBSYS_CTNETLINK << 8;

// A connection by which the kernel finds it again.
struct Found {
  uint8_t family = 0;
  std::string tuple;  // the attribute CTA_TUPLE_ORIG, as it came
};

Error Failed(const std::string& what, int code) {
  return Error{what + ": " + nl_geterror(code), ""};
}

std::optional<Found> FoundIn(nlmsghdr* header) {
  std::array<nlattr*, CTA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(nfgenmsg), attributes.data(), CTA_MAX, nullptr) < 0 ||
      attributes[CTA_TUPLE_ORIG] == nullptr) {
    return std::nullopt;
  }
  const nlattr* tuple = attributes[CTA_TUPLE_ORIG];
  return Found{
      .family = static_cast<const nfgenmsg*>(nlmsg_data(header))->nfgen_family,
      .tuple = {static_cast<const char*>(nla_data(tuple)), static_cast<size_t>(nla_len(tuple))}};
}

// True when the table's end was among the messages.
Result<bool> Take(std::span<char> bytes, const std::function<bool(const Connection&)>& denied,
                  std::vector<Found>& all) {
  int size = static_cast<int>(bytes.size());
  auto* header = reinterpret_cast<nlmsghdr*>(bytes.data());
  for (; nlmsg_ok(header, size) != 0; header = nlmsg_next(header, &size)) {
    if (header->nlmsg_type == NLMSG_DONE) return true;
    if (header->nlmsg_type == NLMSG_ERROR) {
      return ErrnoError("read the connections",
                        -static_cast<const nlmsgerr*>(nlmsg_data(header))->error);
    }
    const auto one = ViewConnection({reinterpret_cast<const uint8_t*>(header), header->nlmsg_len});
    if (!one || !denied(*one)) continue;
    if (auto found = FoundIn(header)) all.push_back(*std::move(found));
  }
  return false;
}

Result<std::vector<Found>> Find(nl_sock* socket,
                                const std::function<bool(const Connection&)>& denied) {
  nfgenmsg family{};
  const int code = nl_send_simple(socket, kTable | IPCTNL_MSG_CT_GET, NLM_F_REQUEST | NLM_F_DUMP,
                                  &family, sizeof family);
  if (code < 0) return Failed("ask for the connections", code);
  alignas(nlmsghdr) static thread_local std::array<char, kReadBytes> buffer;
  std::vector<Found> all;
  while (all.size() < kMost) {
    const ssize_t size = recv(nl_socket_get_fd(socket), buffer.data(), buffer.size(), 0);
    if (size <= 0) return ErrnoError("read the connections", errno);
    if (TRY(Take({buffer.data(), static_cast<size_t>(size)}, denied, all))) break;
  }
  return all;
}

// False when it had ended.
Result<bool> Forget(nl_sock* socket, const Found& one) {
  const CHandle<nl_msg, nlmsg_free> message(nlmsg_alloc());
  if (message == nullptr) return Error{"forget a connection: no memory", ""};
  nlmsghdr* header =
      nlmsg_put(message.get(), 0, 1, kTable | IPCTNL_MSG_CT_DELETE, 0, NLM_F_REQUEST | NLM_F_ACK);
  nfgenmsg family{.nfgen_family = one.family, .version = NFNETLINK_V0, .res_id = 0};
  if (header == nullptr || nlmsg_append(message.get(), &family, sizeof family, 0) < 0 ||
      nla_put(message.get(), CTA_TUPLE_ORIG | NLA_F_NESTED, static_cast<int>(one.tuple.size()),
              one.tuple.data()) < 0) {
    return Error{"forget a connection: no memory", ""};
  }
  const int sent = nl_sendto(socket, nlmsg_hdr(message.get()), nlmsg_hdr(message.get())->nlmsg_len);
  if (sent < 0) return Failed("forget a connection", sent);
  alignas(nlmsghdr) std::array<char, 1024> buffer{};
  const ssize_t size = recv(nl_socket_get_fd(socket), buffer.data(), buffer.size(), 0);
  const auto* answer = reinterpret_cast<const nlmsghdr*>(buffer.data());
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) ||
      answer->nlmsg_type != NLMSG_ERROR) {
    return Error{"forget a connection: the kernel does not answer", ""};
  }
  const int error = -static_cast<const nlmsgerr*>(NLMSG_DATA(answer))->error;
  if (error != 0 && error != ENOENT) return ErrnoError("forget a connection", error);
  return error == 0;
}

}  // namespace

Result<DeniedConnections> CutConnections(const std::function<bool(const Connection&)>& denied,
                                         bool cut) {
  const NetfilterSocket socket = TRY(OpenNetfilter());
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  (void)setsockopt(nl_socket_get_fd(socket.get()), SOL_SOCKET, SO_RCVTIMEO, &patience,
                   sizeof patience);
  const std::vector<Found> all = TRY(Find(socket.get(), denied));
  DeniedConnections done;
  for (const Found& one : all) {
    if (!cut) {
      ++done.kept;
    } else if (TRY(Forget(socket.get(), one))) {
      ++done.cut;
    }
  }
  return done;
}

}  // namespace runward
