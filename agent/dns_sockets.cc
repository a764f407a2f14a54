#include "agent/dns_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace runward {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress Of(const Address& address, uint16_t port) {
  SocketAddress made;
  if (address.v6) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&six.sin6_addr, address.bytes.data(), 16);
    std::memcpy(&made.storage, &six, made.size = sizeof six);
    return made;
  }
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  std::memcpy(&four.sin_addr, address.bytes.data(), 4);
  std::memcpy(&made.storage, &four, made.size = sizeof four);
  return made;
}

Result<UniqueFd> Make(const Address& address, bool tcp) {
  UniqueFd fd(socket(address.v6 ? AF_INET6 : AF_INET,
                     (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return ErrnoError("make a socket", errno);
  return fd;
}

std::string Place(const Address& address, uint16_t port) {
  return FormatAddress(address) + " port " + std::to_string(port);
}

}  // namespace

Result<UniqueFd> BindSocket(const Address& address, uint16_t port, bool tcp) {
  constexpr int kBacklog = 16;
  UniqueFd fd = TRY(Make(address, tcp));
  const int yes = 1;
  // Past connections in TIME_WAIT do not count; a socket that listens does.
  if (tcp) (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  // The loopback may come up later.
  (void)setsockopt(fd.get(), IPPROTO_IP, IP_FREEBIND, &yes, sizeof yes);
  const SocketAddress at = Of(address, port);
  if (bind(fd.get(), at.get(), at.size) != 0 || (tcp && listen(fd.get(), kBacklog) != 0)) {
    return ErrnoError("take " + Place(address, port) + " in the container's network", errno);
  }
  return fd;
}

Result<UniqueFd> ConnectSocket(const Address& address, uint16_t port, bool tcp) {
  UniqueFd fd = TRY(Make(address, tcp));
  const SocketAddress to = Of(address, port);
  if (connect(fd.get(), to.get(), to.size) != 0 && errno != EINPROGRESS) {
    return ErrnoError("connect to " + Place(address, port), errno);
  }
  return fd;
}

uint16_t PortOf(int fd) {
  sockaddr_in6 at{};
  socklen_t size = sizeof at;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0) return 0;
  return ntohs(at.sin6_port);  // in the same place for both families
}

}  // namespace runward
