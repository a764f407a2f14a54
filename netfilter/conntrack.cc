#include "netfilter/conntrack.h"

#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_compat.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/msg.h>
#include <netlink/netfilter/nfnl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace runward {
namespace {

constexpr int kQueueBytes = 2 << 20;
constexpr size_t kReadBytes = 64 << 10;
constexpr int kPatience = 200;  // milliseconds, for a part of the table

using Attributes = std::array<nlattr*, 32>;

// The attributes of the nested one; all null when there is none.
Attributes Nested(nlattr* attribute, int most) {
  Attributes attributes{};
  if (attribute == nullptr) return attributes;
  if (nla_parse_nested(attributes.data(), most, attribute, nullptr) < 0) return Attributes{};
  return attributes;
}

std::optional<Address> AddressOf(nlattr* four, nlattr* six) {
  nlattr* attribute = four != nullptr ? four : six;
  if (attribute == nullptr) return std::nullopt;
  const auto* data = static_cast<const uint8_t*>(nla_data(attribute));
  return AddressOfBytes({data, static_cast<size_t>(nla_len(attribute))});
}

uint16_t PortOf(nlattr* attribute) {
  return attribute == nullptr || nla_len(attribute) < 2 ? uint16_t{0}
                                                        : ntohs(nla_get_u16(attribute));
}

uint8_t ByteOf(nlattr* attribute) {
  return attribute == nullptr || nla_len(attribute) < 1 ? uint8_t{0} : nla_get_u8(attribute);
}

uint64_t BytesOf(nlattr* counters) {
  nlattr* bytes = Nested(counters, CTA_COUNTERS_MAX)[CTA_COUNTERS_BYTES];
  return bytes == nullptr || nla_len(bytes) < 8 ? 0 : be64toh(nla_get_u64(bytes));
}

Result<CHandle<nl_sock, nl_socket_free>> OpenSocket() {
  CHandle<nl_sock, nl_socket_free> socket(nl_socket_alloc());
  if (socket == nullptr) return Error{"make a netlink socket: no memory", ""};
  int code = nl_connect(socket.get(), NETLINK_NETFILTER);
  if (code == 0) code = nl_socket_set_nonblocking(socket.get());
  if (code != 0) return Error{std::string("open a netlink socket: ") + nl_geterror(code), ""};
  return socket;
}

// Which namespace's switch the file is, is decided by who opens it.
Result<void> CountBytes() {
  constexpr const char* kSwitch = "/proc/sys/net/netfilter/nf_conntrack_acct";
  const UniqueFd file(open(kSwitch, O_WRONLY | O_CLOEXEC));
  if (!file.valid() || write(file.get(), "1", 1) != 1) {
    return ErrnoError(std::string("have connections' bytes counted by \"") + kSwitch + "\"", errno);
  }
  return {};
}

// Visits the messages in the buffer; true when the last one of a table was among them.
bool VisitAll(std::span<char> bytes, size_t& seen, const ConntrackReader::Visitor& visit) {
  int size = static_cast<int>(bytes.size());
  auto* header = reinterpret_cast<nlmsghdr*>(bytes.data());
  for (; nlmsg_ok(header, size) != 0; header = nlmsg_next(header, &size)) {
    if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) return true;
    ++seen;
    const auto connection =
        ViewConnection({reinterpret_cast<const uint8_t*>(header), header->nlmsg_len});
    if (connection) visit(*connection);
  }
  return false;
}

}  // namespace

std::optional<Connection> ViewConnection(std::span<const uint8_t> message) {
  // libnl reads without writing, yet takes no constant.
  auto* header = reinterpret_cast<nlmsghdr*>(const_cast<uint8_t*>(message.data()));
  if (message.size() < sizeof *header || header->nlmsg_len > message.size()) return std::nullopt;
  const int kind = header->nlmsg_type & 0xff;
  if (header->nlmsg_type >> 8 != NFNL_SUBSYS_CTNETLINK || kind > IPCTNL_MSG_CT_DELETE) {
    return std::nullopt;
  }
  Attributes top{};
  if (nlmsg_parse(header, sizeof(nfgenmsg), top.data(), CTA_MAX, nullptr) < 0) return std::nullopt;
  const Attributes origin = Nested(top[CTA_TUPLE_ORIG], CTA_TUPLE_MAX);
  const Attributes reply = Nested(top[CTA_TUPLE_REPLY], CTA_TUPLE_MAX);
  const Attributes ends = Nested(origin[CTA_TUPLE_IP], CTA_IP_MAX);
  const Attributes answering = Nested(reply[CTA_TUPLE_IP], CTA_IP_MAX);
  const Attributes protocol = Nested(origin[CTA_TUPLE_PROTO], CTA_PROTO_MAX);
  const auto source = AddressOf(ends[CTA_IP_V4_SRC], ends[CTA_IP_V6_SRC]);
  const auto destination = AddressOf(ends[CTA_IP_V4_DST], ends[CTA_IP_V6_DST]);
  if (!source || !destination) return std::nullopt;
  nlattr* mark = top[CTA_MARK];
  nlattr* icmp = protocol[CTA_PROTO_ICMP_TYPE];
  return Connection{
      .ended = kind == IPCTNL_MSG_CT_DELETE,
      .protocol = ByteOf(protocol[CTA_PROTO_NUM]),
      .source = *source,
      .destination = *destination,
      .answers_from =
          AddressOf(answering[CTA_IP_V4_SRC], answering[CTA_IP_V6_SRC]).value_or(*destination),
      .source_port = PortOf(protocol[CTA_PROTO_SRC_PORT]),
      .destination_port = PortOf(protocol[CTA_PROTO_DST_PORT]),
      .icmp_type = ByteOf(icmp != nullptr ? icmp : protocol[CTA_PROTO_ICMPV6_TYPE]),
      .mark = mark == nullptr || nla_len(mark) < 4 ? 0 : ntohl(nla_get_u32(mark)),
      .bytes_sent = BytesOf(top[CTA_COUNTERS_ORIG]),
      .bytes_received = BytesOf(top[CTA_COUNTERS_REPLY])};
}

Result<ConntrackReader> ConntrackReader::Open() {
  Socket events = TRY(OpenSocket());
  Socket table = TRY(OpenSocket());
  const int fd = nl_socket_get_fd(events.get());
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kQueueBytes, sizeof kQueueBytes) != 0) {
    return ErrnoError("make room for connections", errno);
  }
  TRY(CountBytes());
  const int code = nl_socket_add_memberships(events.get(), NFNLGRP_CONNTRACK_NEW,
                                             NFNLGRP_CONNTRACK_DESTROY, NFNLGRP_NONE);
  if (code != 0) return Error{std::string("listen to connections: ") + nl_geterror(code), ""};
  return ConntrackReader(std::move(events), std::move(table));
}

Result<bool> ConntrackReader::Read(size_t most, const Visitor& visit) {
  alignas(nlmsghdr) static thread_local std::array<char, kReadBytes> buffer;
  for (size_t seen = 0; seen < most;) {
    const ssize_t size = recv(fd(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return false;
    if (size < 0 && errno == ENOBUFS) ++overruns_;
    if (size < 0 && (errno == ENOBUFS || errno == EINTR)) continue;
    if (size <= 0) return ErrnoError("read connections", errno);
    (void)VisitAll({buffer.data(), static_cast<size_t>(size)}, seen, visit);
  }
  return true;
}

Result<void> ConntrackReader::ReadOpen(size_t most, const Visitor& visit) {
  nfgenmsg family{};
  constexpr int kType = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
  const int code =
      nl_send_simple(table_.get(), kType, NLM_F_REQUEST | NLM_F_DUMP, &family, sizeof family);
  if (code < 0) return Error{std::string("ask for the connections: ") + nl_geterror(code), ""};
  alignas(nlmsghdr) static thread_local std::array<char, kReadBytes> buffer;
  for (size_t seen = 0; seen < most;) {
    pollfd wait{.fd = nl_socket_get_fd(table_.get()), .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, kPatience) <= 0) return Error{"read the connections: no answer", ""};
    const ssize_t size = recv(wait.fd, buffer.data(), buffer.size(), 0);
    if (size <= 0) return ErrnoError("read the connections", errno);
    if (VisitAll({buffer.data(), static_cast<size_t>(size)}, seen, visit)) return {};
  }
  return {};
}

}  // namespace runward
