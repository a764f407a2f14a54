#include "netfilter/live_set.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace runward {
namespace {

constexpr size_t kBatchBytes = 32 << 10;
constexpr size_t kMost = 256;  // elements, which fit into it

using Message = CHandle<nl_msg, nlmsg_free>;

Error NoMemory() { return Error{"change a set of addresses: no memory", ""}; }

// A header of nf_tables, or of a batch's border, at the end of `batch`.
Result<Message> Begin(uint16_t type, uint16_t flags, uint32_t sequence, uint8_t family,
                      uint16_t resource) {
  Message message(nlmsg_alloc_size(kBatchBytes));
  if (message == nullptr) return NoMemory();
  nlmsghdr* header = nlmsg_put(message.get(), 0, sequence, type, 0, flags | NLM_F_REQUEST);
  const nfgenmsg family_part{
      .nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource)};
  if (header == nullptr ||
      nlmsg_append(message.get(), const_cast<nfgenmsg*>(&family_part), sizeof family_part, 0) < 0) {
    return NoMemory();
  }
  return message;
}

bool PutElement(nl_msg* message, const TimedAddress& one, bool timed) {
  nlattr* element = nla_nest_start(message, NFTA_LIST_ELEM);
  nlattr* key = nla_nest_start(message, NFTA_SET_ELEM_KEY);
  if (element == nullptr || key == nullptr) return false;
  const auto size = static_cast<int>(one.address.size());
  if (nla_put(message, NFTA_DATA_VALUE, size, one.address.bytes.data()) < 0) return false;
  nla_nest_end(message, key);
  const uint64_t milliseconds = htobe64(uint64_t{one.seconds} * 1000);
  if (timed && nla_put(message, NFTA_SET_ELEM_TIMEOUT, sizeof milliseconds, &milliseconds) < 0) {
    return false;
  }
  nla_nest_end(message, element);
  return true;
}

bool PutElements(nl_msg* message, const std::string& table, const std::string& set,
                 std::span<const TimedAddress> addresses, bool timed) {
  if (nla_put_string(message, NFTA_SET_ELEM_LIST_TABLE, table.c_str()) < 0 ||
      nla_put_string(message, NFTA_SET_ELEM_LIST_SET, set.c_str()) < 0) {
    return false;
  }
  nlattr* list = nla_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
  if (list == nullptr) return false;
  for (const TimedAddress& one : addresses) {
    if (!PutElement(message, one, timed)) return false;
  }
  nla_nest_end(message, list);
  return true;
}

void Append(std::string& batch, nl_msg* message) {
  const nlmsghdr* header = nlmsg_hdr(message);
  batch.append(reinterpret_cast<const char*>(header), header->nlmsg_len);
}

Result<void> AppendBorder(std::string& batch, uint16_t type, uint32_t sequence) {
  const Message message = TRY(Begin(type, 0, sequence, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
  Append(batch, message.get());
  return {};
}

// The number of the first error among the kernel's answers; 0 when all was done.
int ErrorIn(std::span<char> bytes, uint32_t last, bool& ended) {
  int size = static_cast<int>(bytes.size());
  auto* header = reinterpret_cast<nlmsghdr*>(bytes.data());
  for (; nlmsg_ok(header, size) != 0; header = nlmsg_next(header, &size)) {
    if (header->nlmsg_type != NLMSG_ERROR) continue;
    const auto* error = static_cast<const nlmsgerr*>(nlmsg_data(header));
    if (error->error != 0) return -error->error;
    ended |= header->nlmsg_seq == last;
  }
  return 0;
}

}  // namespace

Result<LiveSets> LiveSets::Open(std::string table) {
  Socket socket(nl_socket_alloc());
  if (socket == nullptr) return NoMemory();
  const int code = nl_connect(socket.get(), NETLINK_NETFILTER);
  if (code != 0) return Error{std::string("open a netlink socket: ") + nl_geterror(code), ""};
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  const int fd = nl_socket_get_fd(socket.get());
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return LiveSets(std::move(table), std::move(socket));
}

Result<int> LiveSets::Send(const std::string& set, std::span<const TimedAddress> addresses,
                           bool replace) {
  constexpr uint16_t kTables = NFNL_SUBSYS_NFTABLES << 8;
  std::string batch;
  TRY(AppendBorder(batch, NFNL_MSG_BATCH_BEGIN, sequence_++));
  if (replace) {
    const Message gone = TRY(Begin(kTables | NFT_MSG_DELSETELEM, 0, sequence_++, NFPROTO_INET, 0));
    if (!PutElements(gone.get(), table_, set, addresses, /*timed=*/false)) return NoMemory();
    Append(batch, gone.get());
  }
  const uint32_t last = sequence_++;
  const Message added =
      TRY(Begin(kTables | NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_ACK, last, NFPROTO_INET, 0));
  if (!PutElements(added.get(), table_, set, addresses, /*timed=*/true)) return NoMemory();
  Append(batch, added.get());
  TRY(AppendBorder(batch, NFNL_MSG_BATCH_END, sequence_++));
  const int fd = nl_socket_get_fd(socket_.get());
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (sendto(fd, batch.data(), batch.size(), 0, reinterpret_cast<sockaddr*>(&kernel),
             sizeof kernel) < 0) {
    return ErrnoError("change the set \"" + set + "\"", errno);
  }
  alignas(nlmsghdr) std::array<char, 8192> buffer{};
  for (bool ended = false; !ended;) {
    const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
    if (size <= 0) return ErrnoError("change the set \"" + set + "\"", errno);
    const int error = ErrorIn({buffer.data(), static_cast<size_t>(size)}, last, ended);
    if (error != 0) return error;
  }
  return 0;
}

// An element that is there keeps its old time when it is added again (before Linux 6.12): it is
// taken out in the same transaction. One that is not there cannot be taken out.
Result<void> LiveSets::Add(const std::string& set, std::span<const TimedAddress> addresses) {
  for (; !addresses.empty(); addresses = addresses.subspan(std::min(addresses.size(), kMost))) {
    const auto part = addresses.first(std::min(addresses.size(), kMost));
    int error = TRY(Send(set, part, /*replace=*/false));
    if (error == 0) error = TRY(Send(set, part, /*replace=*/true));
    if (error != 0) return ErrnoError("change the set \"" + set + "\"", error);
  }
  return {};
}

}  // namespace runward
