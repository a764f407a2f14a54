#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// runward-agent as its clients see it: RUN/agent.sock, a unix(7) socket of sequenced packets that
// root alone can reach; one request a connection, one JSON object each way. docs/commands.md.

inline constexpr size_t kMaxAgentMessage = size_t{64} << 10;
inline constexpr int kAgentProtocol = 1;

std::string AgentSocket(const Paths& paths);
// Where runtimes hand over the listener of a seccomp profile that notifies (listenerPath): a stream
// socket, beside the other.
std::string CallSocket(const Paths& paths);

// How the agent enforces; the names that events and `doctor` use.
inline constexpr std::string_view kTierLsm = "lsm";
inline constexpr std::string_view kTierFmodRet = "fmod_ret";
inline constexpr std::string_view kTierFanotifyKill = "fanotify+kill";
inline constexpr std::string_view kTierFanotify = "fanotify";
// Seccomp notification. What it reads can be changed before the kernel reads it again, so its name
// says everywhere what it is worth.
inline constexpr std::string_view kTierNotify = "notify (advisory)";

struct AgentStatus {
  std::string tier;
  std::string passed_over;  // each better tier, and what its self-test said; for a person
  pid_t pid = 0;
  size_t containers = 0;
};

// Each call ends within ten seconds, whatever is at the other end. The Error says what is wrong
// with the agent and how to start it.
Result<AgentStatus> AskAgent(const Paths& paths);
// Makes the agent enforce the record's command rules for the container whose first process, not
// yet started, is `pid`, and whose configuration was made for an agent of `tier`.
Result<void> RegisterWithAgent(const Paths& paths, const std::string& key, pid_t pid,
                               const std::string& tier);

// The secrets that a record lists, one behind the other in a pipe: they were in nobody's memory but
// the kernel's and the agent's locked one.
struct HandedSecrets {
  std::vector<size_t> sizes;  // in the record's order
  UniqueFd pipe;
};
// nullopt when no agent runs. The Error of a locked vault says how to unlock it.
Result<std::optional<HandedSecrets>> AskForSecrets(const Paths& paths, const std::string& key);

// The same in filesystems, filled and mounted nowhere, for the places that the record names: the
// values were in nobody's memory but the kernel's and the agent's locked one.
struct HandedFilesystem {
  std::string directory;  // in the container
  UniqueFd mount;
};
struct HandedFilesystems {
  std::string rootfs;  // the record's
  std::vector<HandedFilesystem> filesystems;
};
// For the container whose first process, not yet started, is `pid`. nullopt and Error as above.
Result<std::optional<HandedFilesystems>> AskForFilesystems(const Paths& paths,
                                                           const std::string& key, pid_t pid);
// The answer to the same request, which was sent through the socket `agent` already.
Result<HandedFilesystems> TakeFilesystems(int agent);

// Tells an agent, if one runs, that the container of the record `key` is about to be made and will
// ask for them, so that they are ready then. Waits for nothing.
void AnnounceSecrets(const Paths& paths, const std::string& key);

struct VaultStatus {
  bool unlocked = false;
  std::string by;  // what it was unlocked with
};
// nullopt when no agent runs.
Result<std::optional<VaultStatus>> AskAboutVault(const Paths& paths);
// The master key's bytes, which the caller keeps in locked memory.
Result<void> UnlockAgentsVault(const Paths& paths, std::string_view key, const std::string& by);
Result<void> LockAgentsVault(const Paths& paths);

// Where the rules of a container's network lead its DNS (docs/network.md): ports on the loopback of
// its network namespace. All 0 when its rules name no names.
struct AgentDns {
  uint16_t direct = 0;    // the proxy's, for what is asked of any resolver but Docker's
  uint16_t embedded = 0;  // the proxy's, for what is asked of Docker's at 127.0.0.11
  uint16_t source = 0;    // from which the proxy itself asks that
  // The agent holds it to its rules from outside: by its control group, where it is on the host's
  // network, or at the host's end of its cables.
  bool held = false;
  // Whether it is, is being found out: ask again.
  bool proving = false;
  bool operator==(const AgentDns&) const = default;
};
// Makes the agent tell of the network of the container whose first process, not yet started, is
// `pid`: of what its rules, which need not be there yet, deny and let through; and resolve the
// names that they name. Again for the same container: the same answer. nullopt when no agent runs.
// Ends within so many seconds: the container waits, and can go on without, unless it has to be
// held.
inline constexpr int kNetworkPatience = 2;
Result<std::optional<AgentDns>> RegisterNetwork(const Paths& paths, const std::string& key,
                                                pid_t pid, int patience = kNetworkPatience);
// Tells the agent that the record's network rules have changed.
Result<void> RefreshNetwork(const Paths& paths, const std::string& key);

// Connections of a container that its new rules deny.
struct DeniedByChange {
  uint64_t kept = 0;
  uint64_t cut = 0;
};
// Has the agent put the rules that lie beside the record (kNextNetwork, oci/record.h) in the place
// of those that the running container has; its first process is `pid`. The record is the caller's
// to rewrite. nullopt when no agent runs.
Result<std::optional<DeniedByChange>> ApplyNetwork(const Paths& paths, const std::string& key,
                                                   pid_t pid);

}  // namespace runward
