#include "agent/vault_requests.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/descriptors.h"
#include "base/fd.h"
#include "base/json.h"
#include "oci/agent_client.h"
#include "oci/secret_record.h"
#include "secrets/tmpfs.h"
#include "secrets/values.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string Refused(const Error& error) {
  return Text({{"ok", false}, {"error", error.message}, {"hint", error.hint}});
}

// The key comes in a packet of its own, so that it never lies in a text.
Result<LockedBytes> ReceiveKey(int client) {
  constexpr int kPatience = 200;  // milliseconds: it was sent with the request
  pollfd wait{.fd = client, .events = POLLIN, .revents = 0};
  if (poll(&wait, 1, kPatience) != 1) return Error{"no key came with the request", ""};
  LockedBytes key = TRY(LockedBytes::Make(MasterKey::kBytes));
  const ssize_t size = recv(client, key.data(), key.size(), MSG_TRUNC | MSG_DONTWAIT);
  if (size != static_cast<ssize_t>(key.size())) return Error{"what came is no key", ""};
  return key;
}

Result<void> WriteAll(int fd, std::string_view bytes) {
  const ssize_t written = write(fd, bytes.data(), bytes.size());
  if (written == static_cast<ssize_t>(bytes.size())) return {};
  return ErrnoError("hand secrets over", written < 0 ? errno : ENOSPC);
}

// A pipe that holds all of it: the kernel's memory, never swapped, gone once it is read.
Result<UniqueFd> PipeOf(std::string_view values) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return ErrnoError("make a pipe", errno);
  UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  constexpr size_t kUsual = size_t{64} << 10;
  if (values.size() > kUsual && fcntl(writing.get(), F_SETPIPE_SZ, kMostSecretBytes) < 0) {
    return ErrnoError("make a pipe larger", errno);
  }
  if (!values.empty()) TRY(WriteAll(writing.get(), values));
  return reading;
}

Result<void> SendWith(int client, const std::string& text, const std::vector<int>& fds) {
  if (SendDescriptors(client, text, fds) > 0) return {};
  return ErrnoError("hand secrets over", errno);
}

Result<void> HandSecrets(const Paths& paths, VaultHolder& holder, int client,
                         const std::string& key) {
  const Record record = TRY(ReadRecordOf(paths, key));
  const std::vector<SecretRule> rules = TRY(ParseSecretRules(record.secrets));
  const SecretValues values = TRY(holder.Read(record, rules));
  const UniqueFd pipe = TRY(PipeOf(values.owner.view()));
  Json sizes = Json::array();
  for (const std::string_view value : values.views) sizes.push_back(value.size());
  return SendWith(client, Text({{"ok", true}, {"sizes", sizes}}), {pipe.get()});
}

Result<void> HandFilesystems(SecretSupplier& supplier, int client, const std::string& key,
                             int64_t pid) {
  if (pid <= 0 || pid > INT_MAX) return Error{"the request has no process", ""};
  const HandedFilesystems filled = TRY(supplier.Supply(key, static_cast<pid_t>(pid)));
  if (filled.filesystems.empty()) return Error{"the container's record lists no secrets", ""};
  Json directories = Json::array();
  std::vector<int> mounts;
  for (const HandedFilesystem& one : filled.filesystems) {
    directories.push_back(one.directory);
    mounts.push_back(one.mount.get());
  }
  const Json answer{{"ok", true}, {"rootfs", filled.rootfs}, {"directories", directories}};
  return SendWith(client, Text(answer), mounts);
}

// About a container's secrets; nullopt for any other request.
std::optional<std::string> AnswerAboutSecrets(const Paths& paths, VaultHolder& holder,
                                              SecretSupplier& supplier, int client,
                                              JsonValue request) {
  const std::string_view ask = request.Find("ask").text();
  const std::string key(request.Find("key").text());
  if (ask == "secrets-ahead") {
    supplier.Prepare(key);
    return "";
  }
  if (ask == "secrets") {
    const Result<void> handed = HandSecrets(paths, holder, client, key);
    return handed.ok() ? "" : Refused(handed.error());
  }
  if (ask != "secret-files") return std::nullopt;
  const Result<int64_t> pid = request.Find("pid").Int();
  const auto handed = HandFilesystems(supplier, client, key, pid.ok() ? pid.value() : 0);
  return handed.ok() ? "" : Refused(handed.error());
}

std::string AnswerUnlock(VaultHolder& holder, int client, const std::string& by) {
  const Result<LockedBytes> key = ReceiveKey(client);
  if (!key.ok()) return Refused(key.error());
  const Result<void> opened = holder.Unlock(key.value(), by);
  return opened.ok() ? Text({{"ok", true}}) : Refused(opened.error());
}

}  // namespace

std::optional<std::string> AnswerVaultRequest(const Paths& paths, VaultHolder& holder,
                                              SecretSupplier& supplier, int client,
                                              const std::string& request) {
  const Result<JsonDocument> document = JsonDocument::Parse(request, {.max_depth = 4});
  if (!document.ok()) return std::nullopt;
  const JsonValue root = document.value().root();
  const Result<int64_t> protocol = root.Find("protocol").Int();
  if (!protocol.ok() || protocol.value() != kAgentProtocol) return std::nullopt;
  const std::string_view ask = root.Find("ask").text();
  if (auto answer = AnswerAboutSecrets(paths, holder, supplier, client, root)) return answer;
  if (ask == "vault-unlock") {
    supplier.Forget();
    return AnswerUnlock(holder, client, std::string(root.Find("by").text()));
  }
  if (ask == "vault-lock") {
    holder.Lock();
    supplier.Forget();
    return Text({{"ok", true}});
  }
  if (ask != "vault-status") return std::nullopt;
  const bool unlocked = holder.unlocked();
  return Text({{"ok", true}, {"unlocked", unlocked}, {"by", holder.by()}});
}

}  // namespace runward
