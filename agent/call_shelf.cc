#include "agent/call_shelf.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <span>

#include "base/descriptors.h"
#include "base/event.h"

namespace runward {
namespace {

constexpr size_t kLongest = 512;
constexpr int kRoom = 32 << 20;      // of the kernel's memory, about a kilobyte a descriptor
constexpr int kMostTurns = 1 << 17;  // more than there is room for
constexpr const char* kEnd = "end ";

// `file` goes with it unless it is -1.
bool Send(int in, int file, const std::string& text) {
  const std::span<const int> files(&file, file >= 0 ? 1 : 0);
  return SendDescriptors(in, text, files, MSG_DONTWAIT) >= 0;
}

struct Message {
  UniqueFd file;
  std::string text;
};

std::optional<Message> Receive(int out, int flags) {
  Message got{.file = {}, .text = std::string(kLongest, '\0')};
  Received received = ReceiveDescriptors(out, got.text, 1, flags | MSG_DONTWAIT);
  if (received.size < 0) return std::nullopt;
  got.text.resize(static_cast<size_t>(received.size));
  if (!received.files.empty()) got.file = std::move(received.files.front());
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
