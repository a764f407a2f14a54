#include "agent/take_over.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "base/descriptors.h"
#include "base/fd.h"
#include "oci/agent_client.h"

namespace runward {
namespace {

// With the descriptors comes what they are: their names, or, from an agent that knew of no others,
// the word for these two.
constexpr std::string_view kFirstTwo = "ok";
constexpr std::array<std::string_view, 2> kOfFirstTwo = {"group", "listener"};

constexpr size_t kMostKept = std::tuple_size_v<decltype(FilesOf(std::declval<Kept&>()))>;

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
  Received received = ReceiveDescriptors(fd.get(), text, kMostKept);
  if (received.size <= 0) return ErrnoError("take over from the running agent", errno);
  const std::vector<std::string> names = NamesIn({text.data(), static_cast<size_t>(received.size)});
  Kept kept;
  for (size_t i = 0; i < std::min(names.size(), received.files.size()); ++i) {
    Put(kept, names[i], std::move(received.files[i]));
  }
  if (kept.listener.valid()) return kept;
  return Error{"the running agent did not hand over", ""};
}

Result<void> HandOver(int client, Kept& kept) {
  std::vector<int> handed;
  std::string text;
  for (const KeptFile& one : FilesOf(kept)) {
    if (!one.file->valid()) continue;
    handed.push_back(one.file->get());
    text.append(text.empty() ? "" : " ").append(one.name);
  }
  if (kept.group.valid() && !kept.calls.valid()) text = kFirstTwo;
  if (SendDescriptors(client, text, handed) > 0) return {};
  return ErrnoError("hand over to another agent", errno);
}

}  // namespace runward
