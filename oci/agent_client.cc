#include "oci/agent_client.h"

#include <sys/socket.h>

#include <cerrno>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/json.h"
#include "oci/agent_socket.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

// Seconds. What does not listen is known at once; one that is asked for two hundred containers
// takes a while.
constexpr int kPatience = 10;

Result<UniqueFd> Connect(const Paths& paths) {
  int why = 0;
  UniqueFd fd = TRY(ConnectToAgent(paths, why, kPatience));
  if (fd.valid()) return fd;
  return NoAgentAnswers(ErrnoError("connect to \"" + AgentSocket(paths) + "\"", why).message);
}

Result<uint16_t> PortIn(const JsonDocument& answer, std::string_view name) {
  const Result<int64_t> number = answer.root().Find("dns").Find(name).Int();
  if (number.ok() && number.value() >= 0 && number.value() <= UINT16_MAX) {
    return static_cast<uint16_t>(number.value());
  }
  return NoAgentAnswers("its answer lacks its ports");
}

Json Request(const char* ask) { return {{"protocol", kAgentProtocol}, {"ask", ask}}; }

Result<JsonDocument> Ask(const Paths& paths, const Json& request) {
  const UniqueFd fd = TRY(Connect(paths));
  TRY(SendToAgent(fd.get(), request.dump()));
  std::vector<UniqueFd> handed;
  return AnswerOfAgent(fd.get(), handed);
}

// nullopt when no agent runs.
Result<std::optional<JsonDocument>> AskIfRunning(const Paths& paths, const Json& request,
                                                 std::vector<UniqueFd>& handed,
                                                 int patience = kPatience) {
  int why = 0;
  const UniqueFd fd = TRY(ConnectToAgent(paths, why, patience));
  if (!fd.valid()) return std::optional<JsonDocument>();
  TRY(SendToAgent(fd.get(), request.dump()));
  return std::optional<JsonDocument>(TRY(AnswerOfAgent(fd.get(), handed)));
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
  if (!pid.ok() || !containers.ok() || tier.empty())
    return NoAgentAnswers("its answer lacks its tier");
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
  if (pipe.size() != 1) return NoAgentAnswers("its answer brought no secrets");
  secrets.pipe = std::move(pipe.front());
  return std::optional<HandedSecrets>(std::move(secrets));
}

Result<std::optional<HandedFilesystems>> AskForFilesystems(const Paths& paths,
                                                           const std::string& key, pid_t pid) {
  Json request = Request("secret-files");
  request["key"] = key;
  request["pid"] = pid;
  int why = 0;
  const UniqueFd fd = TRY(ConnectToAgent(paths, why, kPatience));
  if (!fd.valid()) return std::optional<HandedFilesystems>();
  TRY(SendToAgent(fd.get(), request.dump()));
  return std::optional<HandedFilesystems>(TRY(TakeFilesystems(fd.get())));
}

Result<HandedFilesystems> TakeFilesystems(int agent) {
  std::vector<UniqueFd> mounts;
  const JsonDocument answer = TRY(AnswerOfAgent(agent, mounts));
  const JsonValue directories = answer.root().Find("directories");
  if (mounts.empty() || directories.size() != mounts.size()) {
    return NoAgentAnswers("its answer did not bring all secrets");
  }
  HandedFilesystems handed;
  handed.rootfs = answer.root().Find("rootfs").text();
  for (const JsonValue directory : directories) {
    UniqueFd& mount = mounts[handed.filesystems.size()];
    handed.filesystems.push_back({std::string(directory.text()), std::move(mount)});
  }
  return handed;
}

void AnnounceSecrets(const Paths& paths, const std::string& key) {
  int why = 0;
  const Result<UniqueFd> fd = ConnectToAgent(paths, why, kPatience, SOCK_NONBLOCK);
  if (!fd.ok() || !fd.value().valid()) return;
  Json request = Request("secrets-ahead");
  request["key"] = key;
  (void)SendToAgent(fd.value().get(), request.dump()).ok();
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
  TRY(SendToAgent(fd.get(), request.dump()));
  TRY(SendToAgent(fd.get(), key));
  std::vector<UniqueFd> handed;
  (void)TRY(AnswerOfAgent(fd.get(), handed));
  return {};
}

Result<void> LockAgentsVault(const Paths& paths) {
  (void)TRY(Ask(paths, Request("vault-lock")));
  return {};
}

Result<std::optional<AgentDns>> RegisterNetwork(const Paths& paths, const std::string& key,
                                                pid_t pid, int patience) {
  Json request = Request("network");
  request["key"] = key;
  request["pid"] = pid;
  const std::optional<JsonDocument> answer = TRY(AskIfRunning(paths, request, patience));
  if (!answer) return std::optional<AgentDns>();
  AgentDns dns;
  dns.direct = TRY(PortIn(*answer, "direct"));
  dns.embedded = TRY(PortIn(*answer, "embedded"));
  dns.source = TRY(PortIn(*answer, "source"));
  dns.held = answer->root().Find("held").text() == "true";
  dns.proving = answer->root().Find("proving").text() == "true";
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
