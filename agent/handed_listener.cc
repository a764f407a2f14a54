#include "agent/handed_listener.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "agent/seccomp_listener.h"
#include "base/json.h"
#include "oci/agent_client.h"

namespace runward {

HandedListener PeekHandedListener(int connection) {
  struct {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
  } control;
  std::string state(kMaxAgentMessage, '\0');
  iovec part{.iov_base = state.data(), .iov_len = state.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t size = recvmsg(connection, &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  HandedListener handed;
  handed.pending = size < 0 && (errno == EAGAIN || errno == EINTR);
  state.resize(size > 0 ? static_cast<size_t>(size) : 0);
  const cmsghdr* header = size > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return handed;
  int number = -1;
  std::memcpy(&number, CMSG_DATA(header), sizeof number);
  UniqueFd file(number);
  if (!IsSeccompListener(file.get())) return handed;
  handed.file = std::move(file);
  const Result<JsonDocument> document = JsonDocument::Parse(std::move(state), {.max_depth = 8});
  if (document.ok()) handed.metadata = document.value().root().Find("metadata").text();
  return handed;
}

}  // namespace runward
