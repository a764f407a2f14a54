#include "oci/agent_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/json.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

// Seconds. What does not listen is known at once; one that is asked for two hundred containers
// takes a while.
constexpr int kPatience = 10;

constexpr const char* kStartIt =
    "start it (systemctl start runward-agent, or run runward-agent as root), and ask `runwardctl "
    "doctor`";

Error NoAgent(const std::string& why) {
  return Error{"runward-agent, which enforces command rules, does not answer: " + why, kStartIt};
}

Result<void> Bound(int fd) {
  const timeval time{.tv_sec = kPatience, .tv_usec = 0};
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
  return NoAgent("user " + std::to_string(peer.uid) + " listens at its socket");
}

Result<UniqueFd> Connect(const Paths& paths) {
  const std::string path = AgentSocket(paths);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{"\"" + path + "\" is too long", ""};
  path.copy(address.sun_path, path.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoError("make a socket", errno);
  TRY(Bound(fd.get()));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return NoAgent(ErrnoError("connect to \"" + path + "\"", errno).message);
  }
  TRY(CheckPeer(fd.get()));
  return fd;
}

Result<std::string> Exchange(const Paths& paths, const Json& request) {
  const UniqueFd fd = TRY(Connect(paths));
  const std::string text = request.dump();
  if (send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
    return NoAgent(ErrnoError("send", errno).message);
  }
  std::string answer(kMaxAgentMessage, '\0');
  const ssize_t size = recv(fd.get(), answer.data(), answer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return NoAgent("no answer within " + std::to_string(kPatience) + " seconds");
  }
  if (size < 0) return NoAgent(ErrnoError("receive", errno).message);
  if (size == 0) return NoAgent("it hung up");
  answer.resize(static_cast<size_t>(size));
  return answer;
}

// Every answer has "ok"; one that is not has the error to hand on.
Result<JsonDocument> Ask(const Paths& paths, const Json& request) {
  std::string text = TRY(Exchange(paths, request));
  Result<JsonDocument> document = JsonDocument::Parse(std::move(text), {.max_depth = 4});
  if (!document.ok()) return NoAgent("its answer is not JSON");
  const JsonValue root = document.value().root();
  const Result<bool> ok = root.Find("ok").Bool();
  if (!ok.ok()) return NoAgent("its answer is not one");
  if (ok.value()) return document;
  return Error{std::string(root.Find("error").text()), std::string(root.Find("hint").text())};
}

}  // namespace

std::string AgentSocket(const Paths& paths) { return paths.run + "/agent.sock"; }

Result<AgentStatus> AskAgent(const Paths& paths) {
  const JsonDocument answer = TRY(Ask(paths, {{"protocol", kAgentProtocol}, {"ask", "status"}}));
  const Result<int64_t> pid = answer.root().Find("pid").Int();
  const Result<int64_t> containers = answer.root().Find("containers").Int();
  const std::string_view tier = answer.root().Find("tier").text();
  if (!pid.ok() || !containers.ok() || tier.empty()) return NoAgent("its answer lacks its tier");
  return AgentStatus{.tier = std::string(tier),
                     .pid = static_cast<pid_t>(pid.value()),
                     .containers = static_cast<size_t>(containers.value())};
}

Result<void> RegisterWithAgent(const Paths& paths, const std::string& key, pid_t pid) {
  const Json request{{"protocol", kAgentProtocol}, {"ask", "register"}, {"key", key}, {"pid", pid}};
  (void)TRY(Ask(paths, request));
  return {};
}

}  // namespace runward
