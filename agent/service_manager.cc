#include "agent/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/descriptors.h"
#include "base/fd.h"

namespace runward {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

struct Manager {
  sockaddr_un address{};
  socklen_t size = 0;
  UniqueFd socket;
};

Result<std::optional<Manager>> FindManager() {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr) return std::optional<Manager>();
  const std::string_view path = name;
  Manager manager;
  manager.address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof manager.address.sun_path) {
    return Error{"NOTIFY_SOCKET is no socket's name", ""};
  }
  path.copy(manager.address.sun_path, path.size());
  if (path.front() == '@') manager.address.sun_path[0] = '\0';  // an abstract one: unix(7)
  manager.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  manager.socket = UniqueFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return std::optional<Manager>(std::move(manager));
}

// `file` goes with it unless it is -1.
Result<void> Tell(Manager& manager, const std::string& text, int file) {
  msghdr to{};
  to.msg_name = &manager.address;
  to.msg_namelen = manager.size;
  const std::span<const int> files(&file, file >= 0 ? 1 : 0);
  if (SendDescriptors(manager.socket.get(), text, files, 0, to) >= 0) return {};
  return ErrnoError("tell the service manager", errno);
}

// Whatever was held under that name is something that no container waits for any more.
Result<void> Store(Manager& manager, std::string_view name, int file) {
  const std::string named = "FDNAME=" + std::string(name) + "\n";
  TRY(Tell(manager, "FDSTOREREMOVE=1\n" + named, -1));
  // It would watch for a hang-up, which none has.
  return Tell(manager, "FDSTORE=1\nFDPOLL=0\n" + named, file);
}

int NumberIn(const char* variable) {
  const char* value = std::getenv(variable);
  int number = -1;
  if (value == nullptr) return number;
  const std::string_view text = value;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool IsFanotify(int file) {
  constexpr std::string_view kKind = "anon_inode:[fanotify]";
  std::array<char, kKind.size() + 1> link{};
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(path.c_str(), link.data(), link.size());
  return size > 0 && std::string_view(link.data(), static_cast<size_t>(size)) == kKind;
}

bool Listens(int file) {
  int answer = 0;
  socklen_t size = sizeof answer;
  return getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer == 1;
}

// Whether a descriptor is what its name says; memory and shelf are believed.
bool IsThat(std::string_view name, int file) {
  if (name == "group") return IsFanotify(file);
  return (name != "listener" && name != "calls") || Listens(file);
}

}  // namespace

Result<void> TellReady(Kept& kept) {
  std::optional<Manager> manager = TRY(FindManager());
  if (!manager) return {};
  for (const KeptFile& one : FilesOf(kept)) {
    if (one.file->valid()) TRY(Store(*manager, one.name, one.file->get()));
  }
  return Tell(*manager, "READY=1", -1);
}

Kept TakeStored() {
  Kept kept;
  if (NumberIn("LISTEN_PID") != getpid()) return kept;
  const char* variable = std::getenv("LISTEN_FDNAMES");
  std::string_view names = variable == nullptr ? "" : variable;
  const int end = kFirst + NumberIn("LISTEN_FDS");
  for (int number = kFirst; number < end; ++number) {
    if (fcntl(number, F_SETFD, FD_CLOEXEC) != 0) break;
    UniqueFd file(number);
    const std::string_view name = names.substr(0, names.find(':'));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    for (const KeptFile& one : FilesOf(kept)) {
      if (one.name != name || !IsThat(name, number)) continue;
      *one.file = std::move(file);
      break;
    }
  }
  return kept;
}

}  // namespace runward
