#include "agent/clients.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "agent/process_view.h"
#include "base/file.h"
#include "oci/agent_client.h"

namespace runward {
namespace {

constexpr size_t kMostClients = 512;
constexpr int64_t kSeconds = 10;

int64_t Seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

Result<void> Bind(int fd, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{"\"" + path + "\" is too long", ""};
  path.copy(address.sun_path, path.size());
  const mode_t before = umask(0177);
  const int bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  umask(before);
  if (bound != 0) return ErrnoError("listen at \"" + path + "\"", errno);
  constexpr int kBacklog = 256;
  if (listen(fd, kBacklog) != 0) return ErrnoError("listen at \"" + path + "\"", errno);
  return {};
}

// Inode of the pid namespace of the process at the other end, which has that number; 0 when it is
// gone, of which the number may be another's by now. Since Linux 6.11 the kernel says so of the
// process itself; what /proc makes for a look at it costs five times as much, and its end again.
uint64_t NamespaceOfPeer(int client, pid_t number) {
  constexpr int kPeerPidfd = 77;                            // SO_PEERPIDFD of asm/socket.h
  constexpr unsigned long kGetPidNamespace = _IO(0xFF, 5);  // of linux/pidfd.h
  int handle = -1;
  socklen_t size = sizeof handle;
  if (getsockopt(client, SOL_SOCKET, kPeerPidfd, &handle, &size) == 0) {
    const UniqueFd process(handle);
    const UniqueFd its(ioctl(process.get(), kGetPidNamespace, 0));
    struct stat info {};
    if (its.valid() && fstat(its.get(), &info) == 0) return info.st_ino;
    if (errno == ESRCH) return 0;
  } else if (errno == ESRCH || errno == EINVAL) {  // EINVAL: what Linux said before 6.16
    return 0;
  }
  return PidNamespaceOf(number);
}

}  // namespace

bool IsTrustedPeer(int client, Ended ended) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  if (peer.uid != 0 || peer.pid <= 0) return false;
  static uint64_t own = 0;  // asked again where it could not be told
  if (own == 0) own = PidNamespaceOf(getpid());
  const uint64_t theirs = NamespaceOfPeer(client, peer.pid);
  return theirs == 0 ? ended == Ended::kTake : theirs == own;
}

Result<UniqueFd> ListenForClients(const Paths& paths) {
  if (AskAgent(paths).ok()) {
    return Error{"another runward-agent answers at \"" + AgentSocket(paths) + "\"",
                 "stop it first, or leave it alone"};
  }
  TRY(MakeDirectories(paths.run, /*secret=*/false));
  return ListenAt(AgentSocket(paths), SocketKind::kPackets);
}

Result<UniqueFd> ListenAt(const std::string& path, SocketKind kind) {
  unlink(path.c_str());
  const int type = kind == SocketKind::kPackets ? SOCK_SEQPACKET : SOCK_STREAM;
  UniqueFd fd(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return ErrnoError("make a socket", errno);
  TRY(Bind(fd.get(), path));
  return fd;
}

std::vector<int> Clients::Accept(int listener) {
  std::vector<int> taken;
  while (clients_.size() < kMostClients) {
    UniqueFd client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.valid()) break;
    if (!IsTrustedPeer(client.get(), Ended::kRefuse)) continue;
    taken.push_back(client.get());
    clients_.push_back({std::move(client), Seconds()});
  }
  return taken;
}

void Clients::Serve(int client, const Handler& handler) {
  static std::array<char, kMaxAgentMessage> room;  // cleared for each request, it would cost more
  const ssize_t size = recv(client, room.data(), room.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size > 0) {
    const std::string answer = handler({room.data(), static_cast<size_t>(size)});
    if (!answer.empty()) (void)!send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  std::erase_if(clients_, [client](const Client& one) { return one.fd.get() == client; });
}

void Clients::DropOld() {
  const int64_t now = Seconds();
  std::erase_if(clients_, [now](const Client& one) { return now - one.since > kSeconds; });
}

}  // namespace runward
