#include "base/descriptors.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace runward {
namespace {

struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> bytes{};
};

}  // namespace

ssize_t SendDescriptors(int socket, std::string_view text, std::span<const int> files, int flags,
                        msghdr to) {
  if (files.size() > kMostDescriptors) {
    errno = E2BIG;
    return -1;
  }
  Control control;
  iovec part{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  to.msg_iov = &part;
  to.msg_iovlen = 1;
  if (!files.empty()) {
    to.msg_control = control.bytes.data();
    to.msg_controllen = CMSG_SPACE(files.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&to);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(files.size_bytes());
    std::memcpy(CMSG_DATA(header), files.data(), files.size_bytes());
  }
  return sendmsg(socket, &to, flags | MSG_NOSIGNAL);
}

Received ReceiveDescriptors(int socket, std::span<char> text, size_t most, int flags) {
  Control control;
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_LEN(most * sizeof(int));  // its padding has room for one more
  Received received{.size = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC), .files = {}};
  if (received.size < 0) return received;
  received.cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return received;
  const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; ++i) {
    int file = -1;
    std::memcpy(&file, CMSG_DATA(header) + i * sizeof file, sizeof file);
    received.files.emplace_back(file);
  }
  return received;
}

}  // namespace runward
