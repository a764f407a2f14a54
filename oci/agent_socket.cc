#include "oci/agent_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptors.h"
#include "base/rootless.h"
#include "oci/agent_client.h"

namespace runward {
namespace {

constexpr const char* kStartIt =
    "start it (systemctl start runward-agent, or run runward-agent as root), and ask `runwardctl "
    "doctor`";
constexpr const char* kStartUsers = "start your own: podman unshare runward-agent --user";

Result<void> Bound(int fd, int seconds) {
  const timeval time{.tv_sec = seconds, .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    if (setsockopt(fd, SOL_SOCKET, option, &time, sizeof time) != 0) {
      return ErrnoError("set a socket's time limit", errno);
    }
  }
  return {};
}

// Only root's agent is one: whoever else listens there could let everything through.
Result<void> CheckPeer(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return ErrnoError("look who listens", errno);
  }
  if (peer.uid == 0) return {};
  return NoAgentAnswers("user " + std::to_string(peer.uid) + " listens at its socket");
}

// Whether nobody listens there, rather than one who does not answer.
bool NobodyListens(int error) { return error == ENOENT || error == ECONNREFUSED; }

// How large the next packet is; waits for it.
Result<size_t> NextSize(int fd) {
  const ssize_t size = recv(fd, nullptr, 0, MSG_PEEK | MSG_TRUNC);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    timeval time{};
    socklen_t length = sizeof time;
    (void)getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &length);
    return NoAgentAnswers("no answer within " + std::to_string(time.tv_sec) + " seconds");
  }
  if (size < 0) return NoAgentAnswers(ErrnoError("receive", errno).message);
  if (size == 0) return NoAgentAnswers("it hung up");
  return std::min(static_cast<size_t>(size), kMaxAgentMessage);
}

// The answer, and the descriptors that came with it, if any did.
Result<std::string> Receive(int fd, std::vector<UniqueFd>& handed) {
  std::string answer(TRY(NextSize(fd)), '\0');
  Received received = ReceiveDescriptors(fd, answer, kMostDescriptors);
  if (received.size < 0) return NoAgentAnswers(ErrnoError("receive", errno).message);
  // Some of what was handed over is none of it: no room for the rest, or a module kept it back.
  if (received.cut) return NoAgentAnswers("its answer did not arrive whole");
  handed = std::move(received.files);
  answer.resize(static_cast<size_t>(received.size));
  return answer;
}

}  // namespace

Error NoAgentAnswers(const std::string& why) {
  return Error{"runward-agent, which enforces command rules, does not answer: " + why,
               Rootless() ? kStartUsers : kStartIt};
}

Result<UniqueFd> ConnectToAgent(const Paths& paths, int& why, int patience, int flags) {
  const std::string path = AgentSocket(paths);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{"\"" + path + "\" is too long", ""};
  path.copy(address.sun_path, path.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0));
  if (!fd.valid()) return ErrnoError("make a socket", errno);
  TRY(Bound(fd.get(), patience));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    why = errno;
    if (NobodyListens(why)) return UniqueFd();
    return NoAgentAnswers(ErrnoError("connect to \"" + path + "\"", errno).message);
  }
  TRY(CheckPeer(fd.get()));
  return fd;
}

Result<void> SendToAgent(int fd, std::string_view text) {
  if (send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
    return {};
  }
  return NoAgentAnswers(ErrnoError("send", errno).message);
}

Result<JsonDocument> AnswerOfAgent(int fd, std::vector<UniqueFd>& handed) {
  std::string text = TRY(Receive(fd, handed));
  Result<JsonDocument> document = JsonDocument::Parse(std::move(text), {.max_depth = 4});
  if (!document.ok()) return NoAgentAnswers("its answer is not JSON");
  const JsonValue root = document.value().root();
  const Result<bool> ok = root.Find("ok").Bool();
  if (!ok.ok()) return NoAgentAnswers("its answer is not one");
  if (ok.value()) return document;
  return Error{std::string(root.Find("error").text()), std::string(root.Find("hint").text())};
}

}  // namespace runward
