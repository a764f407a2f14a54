#include "netfilter/nflog.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <netlink/msg.h>
#include <netlink/netfilter/log.h>
#include <netlink/netfilter/nfnl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace runward {
namespace {

constexpr int kQueueBytes = 8 << 20;
constexpr uint32_t kTogether = 32;    // packets a message: what makes a flood cheap
constexpr uint32_t kHundredths = 10;  // ... or those of a tenth of a second
constexpr uint32_t kMessageBytes = 16 << 10;
constexpr uint32_t kHeaderBytes = 160;  // of each packet: IPv6, some extensions, ports
constexpr int kReadBytes = 64 << 10;

Error NetlinkError(const char* what, int code) {
  return Error{std::string(what) + ": " + nl_geterror(code), ""};
}

using LogConfig = CHandle<nfnl_log, nfnl_log_put>;

Result<void> Bind(nl_sock* socket, uint16_t group) {
  const LogConfig config(nfnl_log_alloc());
  if (config == nullptr) return Error{"listen to logged packets: no memory", ""};
  nfnl_log_set_group(config.get(), group);
  nfnl_log_set_copy_mode(config.get(), NFNL_LOG_COPY_PACKET);
  nfnl_log_set_copy_range(config.get(), kHeaderBytes);
  nfnl_log_set_queue_threshold(config.get(), kTogether);
  nfnl_log_set_flush_timeout(config.get(), kHundredths);
  nfnl_log_set_alloc_size(config.get(), kMessageBytes);
  nfnl_log_set_flags(config.get(), NFNL_LOG_FLAG_SEQ);
  const int code = nfnl_log_create(socket, config.get());
  if (code == 0) return {};
  const std::string what = "listen to packets logged to group " + std::to_string(group);
  return NetlinkError(what.c_str(), code);
}

}  // namespace

Result<NflogReader> NflogReader::Open(uint16_t group) {
  Socket socket(nl_socket_alloc());
  if (socket == nullptr) return Error{"make a netlink socket: no memory", ""};
  if (const int code = nl_connect(socket.get(), NETLINK_NETFILTER); code != 0) {
    return NetlinkError("open a netlink socket", code);
  }
  const int fd = nl_socket_get_fd(socket.get());
  // Beyond what the host allows everybody, as the agent may.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kQueueBytes, sizeof kQueueBytes) != 0) {
    return ErrnoError("make room for logged packets", errno);
  }
  TRY(Bind(socket.get(), group));
  if (const int code = nl_socket_set_nonblocking(socket.get()); code != 0) {
    return NetlinkError("set up a netlink socket", code);
  }
  return NflogReader(std::move(socket), group);
}

// Its answer is not waited for: packets stand before it.
void NflogReader::Finish() {
  const LogConfig config(nfnl_log_alloc());
  if (config == nullptr) return;
  nfnl_log_set_group(config.get(), group_);
  nl_msg* message = nullptr;
  if (nfnl_log_build_delete_request(config.get(), &message) != 0) return;
  nl_send_auto(socket_.get(), message);
  nlmsg_free(message);
}

void NflogReader::Count(uint32_t number) {
  lost_ += number - next_;  // modulo 2^32, as the kernel counts
  next_ = number + 1;
}

std::optional<NflogPacket> ViewLogged(std::span<const uint8_t> message) {
  // libnl reads without writing, yet takes no constant.
  auto* header = reinterpret_cast<nlmsghdr*>(const_cast<uint8_t*>(message.data()));
  if (message.size() < sizeof *header || header->nlmsg_len > message.size()) return std::nullopt;
  if (header->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET)) return std::nullopt;
  std::array<nlattr*, NFULA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(nfgenmsg), attributes.data(), NFULA_MAX, nullptr) < 0) {
    return std::nullopt;
  }
  NflogPacket packet;
  const nlattr* number = attributes[NFULA_SEQ];
  if (number != nullptr && nla_len(number) >= 4) packet.number = ntohl(nla_get_u32(number));
  if (const nlattr* prefix = attributes[NFULA_PREFIX]; prefix != nullptr) {
    const auto* text = static_cast<const char*>(nla_data(prefix));
    packet.prefix = {text, strnlen(text, static_cast<size_t>(nla_len(prefix)))};
  }
  if (const nlattr* payload = attributes[NFULA_PAYLOAD]; payload != nullptr) {
    const auto* data = static_cast<const uint8_t*>(nla_data(payload));
    packet.packet =
        ViewPacket({data, static_cast<size_t>(nla_len(payload))}).value_or(PacketView{});
  }
  return packet;
}

size_t NflogReader::Take(void* bytes, int size, const Visitor& visit) {
  size_t packets = 0;
  auto* header = static_cast<nlmsghdr*>(bytes);
  for (; nlmsg_ok(header, size) != 0; header = nlmsg_next(header, &size)) {
    const auto packet = ViewLogged({reinterpret_cast<const uint8_t*>(header), header->nlmsg_len});
    if (!packet) continue;
    if (packet->number) Count(*packet->number);
    ++packets;
    visit(*packet);
  }
  return packets;
}

Result<bool> NflogReader::Read(size_t most, const Visitor& visit) {
  static thread_local std::array<char, kReadBytes> buffer;
  for (size_t seen = 0; seen < most;) {
    const ssize_t size = recv(fd(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return false;
    // Something was lost (its numbers will tell how much), or a signal came.
    if (size < 0 && (errno == ENOBUFS || errno == EINTR)) continue;
    if (size <= 0) return ErrnoError("read logged packets", errno);
    seen += Take(buffer.data(), static_cast<int>(size), visit);
  }
  return true;
}

}  // namespace runward
