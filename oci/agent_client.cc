#include "oci/agent_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/json.h"
#include "base/rootless.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

// Seconds. What does not listen is known at once; one that is asked for two hundred containers
// takes a while.
constexpr int kPatience = 10;

constexpr const char* kStartIt =
    "start it (systemctl start runward-agent, or run runward-agent as root), and ask `runwardctl "
    "doctor`";
constexpr const char* kStartUsers = "start your own: podman unshare runward-agent --user";

Error NoAgent(const std::string& why) {
  return Error{"runward-agent, which enforces command rules, does not answer: " + why,
               Rootless() ? kStartUsers : kStartIt};
}

// A start waits for it, and goes on without.
constexpr int kNetworkPatience = 2;

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
  return NoAgent("user " + std::to_string(peer.uid) + " listens at its socket");
}

// Whether nobody listens there, rather than one who does not answer.
bool NobodyListens(int error) { return error == ENOENT || error == ECONNREFUSED; }

// Not valid when no agent runs; `why` is then the error's number.
Result<UniqueFd> ConnectIfRunning(const Paths& paths, int& why, int patience = kPatience) {
  const std::string path = AgentSocket(paths);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{"\"" + path + "\" is too long", ""};
  path.copy(address.sun_path, path.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoError("make a socket", errno);
  TRY(Bound(fd.get(), patience));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    why = errno;
    if (NobodyListens(why)) return UniqueFd();
    return NoAgent(ErrnoError("connect to \"" + path + "\"", errno).message);
  }
  TRY(CheckPeer(fd.get()));
  return fd;
}

Result<UniqueFd> Connect(const Paths& paths) {
  int why = 0;
  UniqueFd fd = TRY(ConnectIfRunning(paths, why));
  if (fd.valid()) return fd;
  return NoAgent(ErrnoError("connect to \"" + AgentSocket(paths) + "\"", why).message);
}

Result<void> Send(int fd, std::string_view text) {
  if (send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
    return {};
  }
  return NoAgent(ErrnoError("send", errno).message);
}

// How large the next packet is; waits for it.
Result<size_t> NextSize(int fd) {
  const ssize_t size = recv(fd, nullptr, 0, MSG_PEEK | MSG_TRUNC);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    timeval time{};
    socklen_t length = sizeof time;
    (void)getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &length);
    return NoAgent("no answer within " + std::to_string(time.tv_sec) + " seconds");
  }
  if (size < 0) return NoAgent(ErrnoError("receive", errno).message);
  if (size == 0) return NoAgent("it hung up");
  return std::min(static_cast<size_t>(size), kMaxAgentMessage);
}

void TakeDescriptors(msghdr& message, std::vector<UniqueFd>& handed) {
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return;
  const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; ++i) {
    int received = -1;
    std::memcpy(&received, CMSG_DATA(header) + i * sizeof received, sizeof received);
    handed.emplace_back(received);
  }
}

// The answer, and the descriptors that came with it, if any did.
Result<std::string> Receive(int fd, std::vector<UniqueFd>& handed) {
  std::string answer(TRY(NextSize(fd)), '\0');
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostHanded * sizeof(int))> control{};
  iovec part{.iov_base = answer.data(), .iov_len = answer.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (size < 0) return NoAgent(ErrnoError("receive", errno).message);
  TakeDescriptors(message, handed);
  answer.resize(static_cast<size_t>(size));
  return answer;
}

// Every answer has "ok"; one that is not has the error to hand on.
Result<JsonDocument> Answer(int fd, std::vector<UniqueFd>& handed) {
  std::string text = TRY(Receive(fd, handed));
  Result<JsonDocument> document = JsonDocument::Parse(std::move(text), {.max_depth = 4});
  if (!document.ok()) return NoAgent("its answer is not JSON");
  const JsonValue root = document.value().root();
  const Result<bool> ok = root.Find("ok").Bool();
  if (!ok.ok()) return NoAgent("its answer is not one");
  if (ok.value()) return document;
  return Error{std::string(root.Find("error").text()), std::string(root.Find("hint").text())};
}

Result<uint16_t> PortIn(const JsonDocument& answer, std::string_view name) {
  const Result<int64_t> number = answer.root().Find("dns").Find(name).Int();
  if (number.ok() && number.value() >= 0 && number.value() <= UINT16_MAX) {
    return static_cast<uint16_t>(number.value());
  }
  return NoAgent("its answer lacks its ports");
}

Json Request(const char* ask) { return {{"protocol", kAgentProtocol}, {"ask", ask}}; }

Result<JsonDocument> Ask(const Paths& paths, const Json& request) {
  const UniqueFd fd = TRY(Connect(paths));
  TRY(Send(fd.get(), request.dump()));
  std::vector<UniqueFd> handed;
  return Answer(fd.get(), handed);
}

// nullopt when no agent runs.
Result<std::optional<JsonDocument>> AskIfRunning(const Paths& paths, const Json& request,
                                                 std::vector<UniqueFd>& handed,
                                                 int patience = kPatience) {
  int why = 0;
  const UniqueFd fd = TRY(ConnectIfRunning(paths, why, patience));
  if (!fd.valid()) return std::optional<JsonDocument>();
  TRY(Send(fd.get(), request.dump()));
  return std::optional<JsonDocument>(TRY(Answer(fd.get(), handed)));
}

// Whose answers bring nothing.
Result<std::optional<JsonDocument>> AskIfRunning(const Paths& paths, const Json& request,
                                                 int patience = kPatience) {
  std::vector<UniqueFd> none;
  return AskIfRunning(paths, request, none, patience);
}

}  // namespace

std::string AgentSocket(const Paths& paths) { return paths.run + "/agent.sock"; }
std::string CallSocket(const Paths& paths) { return paths.run + "/calls.sock"; }

Result<AgentStatus> AskAgent(const Paths& paths) {
  const JsonDocument answer = TRY(Ask(paths, Request("status")));
  const Result<int64_t> pid = answer.root().Find("pid").Int();
  const Result<int64_t> containers = answer.root().Find("containers").Int();
  const std::string_view tier = answer.root().Find("tier").text();
  if (!pid.ok() || !containers.ok() || tier.empty()) return NoAgent("its answer lacks its tier");
  return AgentStatus{.tier = std::string(tier),
                     .passed_over = std::string(answer.root().Find("passedOver").text()),
                     .pid = static_cast<pid_t>(pid.value()),
                     .containers = static_cast<size_t>(containers.value())};
}

Result<void> RegisterWithAgent(const Paths& paths, const std::string& key, pid_t pid,
                               const std::string& tier) {
  const Json request{{"protocol", kAgentProtocol},
                     {"ask", "register"},
                     {"key", key},
                     {"pid", pid},
                     {"tier", tier}};
  (void)TRY(Ask(paths, request));
  return {};
}

Result<std::optional<HandedSecrets>> AskForSecrets(const Paths& paths, const std::string& key) {
  Json request = Request("secrets");
  request["key"] = key;
  std::vector<UniqueFd> pipe;
  const std::optional<JsonDocument> answer = TRY(AskIfRunning(paths, request, pipe));
  if (!answer) return std::optional<HandedSecrets>();
  HandedSecrets secrets;
  for (const JsonValue size : answer->root().Find("sizes")) {
    secrets.sizes.push_back(static_cast<size_t>(TRY(size.Int())));
  }
  if (pipe.size() != 1) return NoAgent("its answer brought no secrets");
  secrets.pipe = std::move(pipe.front());
  return std::optional<HandedSecrets>(std::move(secrets));
}

Result<std::optional<HandedFilesystems>> AskForFilesystems(const Paths& paths,
                                                           const std::string& key, pid_t pid) {
  Json request = Request("secret-files");
  request["key"] = key;
  request["pid"] = pid;
  std::vector<UniqueFd> mounts;
  const std::optional<JsonDocument> answer = TRY(AskIfRunning(paths, request, mounts));
  if (!answer) return std::optional<HandedFilesystems>();
  HandedFilesystems handed;
  handed.rootfs = answer->root().Find("rootfs").text();
  for (const JsonValue directory : answer->root().Find("directories")) {
    if (mounts.size() == handed.filesystems.size()) break;
    UniqueFd& mount = mounts[handed.filesystems.size()];
    handed.filesystems.push_back({std::string(directory.text()), std::move(mount)});
  }
  if (handed.filesystems.empty() || handed.filesystems.size() != mounts.size()) {
    return NoAgent("its answer brought no secrets");
  }
  return std::optional<HandedFilesystems>(std::move(handed));
}

Result<std::optional<VaultStatus>> AskAboutVault(const Paths& paths) {
  const std::optional<JsonDocument> answer = TRY(AskIfRunning(paths, Request("vault-status")));
  if (!answer) return std::optional<VaultStatus>();
  return std::optional<VaultStatus>(
      VaultStatus{.unlocked = TRY(answer->root().Find("unlocked").Bool()),
                  .by = std::string(answer->root().Find("by").text())});
}

Result<void> UnlockAgentsVault(const Paths& paths, std::string_view key, const std::string& by) {
  const UniqueFd fd = TRY(Connect(paths));
  Json request = Request("vault-unlock");
  request["by"] = by;
  TRY(Send(fd.get(), request.dump()));
  TRY(Send(fd.get(), key));
  std::vector<UniqueFd> handed;
  (void)TRY(Answer(fd.get(), handed));
  return {};
}

Result<void> LockAgentsVault(const Paths& paths) {
  (void)TRY(Ask(paths, Request("vault-lock")));
  return {};
}

Result<std::optional<AgentDns>> RegisterNetwork(const Paths& paths, const std::string& key,
                                                pid_t pid) {
  Json request = Request("network");
  request["key"] = key;
  request["pid"] = pid;
  const std::optional<JsonDocument> answer = TRY(AskIfRunning(paths, request, kNetworkPatience));
  if (!answer) return std::optional<AgentDns>();
  AgentDns dns;
  dns.direct = TRY(PortIn(*answer, "direct"));
  dns.embedded = TRY(PortIn(*answer, "embedded"));
  dns.source = TRY(PortIn(*answer, "source"));
  return std::optional<AgentDns>(dns);
}

Result<std::optional<DeniedByChange>> ApplyNetwork(const Paths& paths, const std::string& key,
                                                   pid_t pid) {
  Json request = Request("apply-network");
  request["key"] = key;
  request["pid"] = pid;
  const std::optional<JsonDocument> answer = TRY(AskIfRunning(paths, request));
  if (!answer) return std::optional<DeniedByChange>();
  return std::optional<DeniedByChange>(
      DeniedByChange{.kept = static_cast<uint64_t>(TRY(answer->root().Find("kept").Int())),
                     .cut = static_cast<uint64_t>(TRY(answer->root().Find("cut").Int()))});
}

Result<void> RefreshNetwork(const Paths& paths, const std::string& key) {
  Json request = Request("refresh-network");
  request["key"] = key;
  (void)TRY(Ask(paths, request));
  return {};
}

}  // namespace runward
