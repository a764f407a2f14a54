#include "agent/take_over.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "oci/agent_client.h"

namespace runward {
namespace {

constexpr size_t kHanded = 2;
using Handed = std::array<int, kHanded>;
struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Handed))> bytes{};
};

Result<UniqueFd> Connect(const Paths& paths) {
  const std::string path = AgentSocket(paths);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{"\"" + path + "\" is too long", ""};
  path.copy(address.sun_path, path.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const timeval time{.tv_sec = 5, .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    (void)setsockopt(fd.get(), SOL_SOCKET, option, &time, sizeof time);
  }
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return ErrnoError("connect to \"" + path + "\"", errno);
  }
  return fd;
}

}  // namespace

Result<Kept> TakeOver(const Paths& paths) {
  const UniqueFd fd = TRY(Connect(paths));
  if (send(fd.get(), kTakeOver.data(), kTakeOver.size(), MSG_NOSIGNAL) < 0) {
    return ErrnoError("ask the running agent to hand over", errno);
  }
  std::array<char, 64> text{};
  Control control;
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  if (recvmsg(fd.get(), &message, MSG_CMSG_CLOEXEC) <= 0) {
    return ErrnoError("take over from the running agent", errno);
  }
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(sizeof(Handed))) {
    return Error{"the running agent did not hand over", ""};
  }
  Handed handed{};
  std::memcpy(handed.data(), CMSG_DATA(header), sizeof handed);
  return Kept{.group = UniqueFd(handed[0]), .listener = UniqueFd(handed[1])};
}

Result<void> HandOver(int client, const Kept& kept) {
  const Handed handed = {kept.group.get(), kept.listener.get()};
  Control control;
  std::array<char, 2> text = {'o', 'k'};
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(Handed));
  std::memcpy(CMSG_DATA(header), handed.data(), sizeof handed);
  if (sendmsg(client, &message, MSG_NOSIGNAL) > 0) return {};
  return ErrnoError("hand over to another agent", errno);
}

}  // namespace runward
