#include "agent/call_shelf.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/event.h"

namespace runward {
namespace {

constexpr size_t kLongest = 512;
constexpr int kRoom = 32 << 20;      // of the kernel's memory, about a kilobyte a descriptor
constexpr int kMostTurns = 1 << 17;  // more than there is room for
constexpr const char* kEnd = "end ";

struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

bool Send(int in, int file, const std::string& text) {
  Control control;
  std::string copy = text;
  iovec part{.iov_base = copy.data(), .iov_len = copy.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (file >= 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof file);
    std::memcpy(CMSG_DATA(header), &file, sizeof file);
  }
  return sendmsg(in, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

struct Message {
  UniqueFd file;
  std::string text;
};

std::optional<Message> Receive(int out, int flags) {
  Control control;
  Message got{.file = {}, .text = std::string(kLongest, '\0')};
  iovec part{.iov_base = got.text.data(), .iov_len = got.text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t size = recvmsg(out, &message, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0) return std::nullopt;
  got.text.resize(static_cast<size_t>(size));
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int file = -1;
    std::memcpy(&file, CMSG_DATA(header), sizeof file);
    got.file = UniqueFd(file);
  }
  return got;
}

}  // namespace

Result<ShelfEnds> CallShelf::Make() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return ErrnoError("make a pair of sockets", errno);
  }
  // Without the right to it, as much as anybody may have.
  if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &kRoom, sizeof kRoom) != 0) {
    (void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &kRoom, sizeof kRoom);
  }
  return ShelfEnds{.in = UniqueFd(ends[0]), .out = UniqueFd(ends[1])};
}

bool CallShelf::Put(int file, const std::string& text) const {
  return text.size() < kLongest && Send(in_, file, text);
}

void CallShelf::Sort(const Visit& keep) const {
  // Behind the last: what comes after it has been seen.
  const std::string end = kEnd + NewEventId();
  if (!Send(in_, -1, end)) return;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const std::optional<Message> first = Receive(out_, MSG_PEEK);
    if (!first || first->text == end) break;
    // Another end is of one that died while it sorted.
    const bool stays = first->file.valid() && keep(first->file.get(), first->text);
    const bool sent = stays && Send(in_, first->file.get(), first->text);
    (void)Receive(out_, 0);
    if (stays && !sent) (void)Send(in_, first->file.get(), first->text);  // now there is room
  }
  (void)Receive(out_, 0);
}

}  // namespace runward
