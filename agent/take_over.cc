#include "agent/take_over.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "oci/agent_client.h"

namespace runward {
namespace {

// With the descriptors comes what they are: their names, or, from an agent that knew of no others,
// the word for these two.
constexpr std::string_view kFirstTwo = "ok";
constexpr std::array<std::string_view, 2> kOfFirstTwo = {"group", "listener"};

using Handed = std::array<int, std::tuple_size_v<decltype(FilesOf(std::declval<Kept&>()))>>;
struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Handed))> bytes{};
};

std::vector<std::string> NamesIn(std::string_view text) {
  if (text == kFirstTwo) return {kOfFirstTwo.begin(), kOfFirstTwo.end()};
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(' '));
    names.emplace_back(name);
    text.remove_prefix(std::min(name.size() + 1, text.size()));
  }
  return names;
}

void Put(Kept& kept, std::string_view name, UniqueFd file) {
  for (const KeptFile& one : FilesOf(kept)) {
    if (one.name != name) continue;
    *one.file = std::move(file);
    return;
  }
}

// Takes the descriptors out of what came; the names are those that came with them.
Kept KeptIn(const cmsghdr* header, const std::vector<std::string>& names) {
  Kept kept;
  const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; ++i) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(header) + i * sizeof number, sizeof number);
    UniqueFd file(number);
    if (i < names.size()) Put(kept, names[i], std::move(file));
  }
  return kept;
}

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
  const ssize_t size = recvmsg(fd.get(), &message, MSG_CMSG_CLOEXEC);
  if (size <= 0) return ErrnoError("take over from the running agent", errno);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
    return Error{"the running agent did not hand over", ""};
  }
  Kept kept = KeptIn(header, NamesIn({text.data(), static_cast<size_t>(size)}));
  if (kept.listener.valid()) return kept;
  return Error{"the running agent did not hand over", ""};
}

Result<void> HandOver(int client, Kept& kept) {
  Handed handed{};
  size_t count = 0;
  std::string text;
  for (const KeptFile& one : FilesOf(kept)) {
    if (!one.file->valid()) continue;
    handed[count++] = one.file->get();
    text.append(text.empty() ? "" : " ").append(one.name);
  }
  if (kept.group.valid() && !kept.calls.valid()) text = kFirstTwo;
  Control control;
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(count * sizeof(int));
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int));
  std::memcpy(CMSG_DATA(header), handed.data(), count * sizeof(int));
  if (sendmsg(client, &message, MSG_NOSIGNAL) > 0) return {};
  return ErrnoError("hand over to another agent", errno);
}

}  // namespace runward
