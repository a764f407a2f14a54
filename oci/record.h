#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/paths.h"
#include "base/result.h"
#include "policy/policy.h"

namespace runward {

// What was decided about a container, kept for as long as it lives: exec, update, checkpoint, hooks
// and reports go by it. RUN/containers/<key>/plan.json, root's alone (0600 in 0700). On a tmpfs, so
// it does not outlive the containers across a reboot. docs/runtime.md has the format.
struct Record {
  std::string id;
  std::string root;    // the runtime's state directory, resolved
  std::string bundle;  // absolute
  std::string event;   // the id of the event that logged the start
  std::string time;    // of the decision, RFC 3339
  bool would_deny = false;
  std::string rule;
  std::string profile;
  Mode mode = Mode::kEnforce;
  std::string policy_sha256;
  std::string image;         // the name as decided on
  std::string image_chain;   // "sha256:...", or "" without identity
  std::string image_config;  // "sha256:..." when certain
  std::string image_store;
  std::string verdict_sha256;
  std::string key;
  std::string run;  // the profile's controls that later calls are held to (oci/run_record.h)
  std::string user_profile;  // the same of a rootless engine's user's own policy, if it enforces
  std::string user_run;
  std::string rootfs;    // resolved, on the host; "" when it could not be
  std::string commands;  // what may be executed (oci/command_record.h)
  std::string secrets;   // what it receives from the vault (oci/secret_record.h)
  std::string network;   // whom it may speak with (oci/network_record.h)
  EventRule events;      // of the policy, so that exec need not read it
  int64_t creator = 0;   // process that started the container (runward, then the real runtime)
  uint64_t creator_start = 0;  // its start time, in clock ticks since boot: proc(5), stat, field 22
  uint64_t creator_namespace = 0;  // the pid namespace in which it has that number (PidNamespace)
};

inline constexpr int kRecordVersion = 4;
inline constexpr int kOldestRecordVersion = 3;  // readers accept the last two, so that an upgrade
                                                // of runward loses no running container

// Hex SHA-256 of the resolved state directory, a NUL and the id: engines' namespaces have a
// directory each, so equal ids in two of them do not meet.
std::string RecordKey(std::string_view root, std::string_view id);

// The directory of the record of that key.
std::string RecordDirectory(const Paths& paths, std::string_view key);
// The record of that key (hooks and the agent's clients know no more); an Error when there is none.
Result<Record> ReadRecordOf(const Paths& paths, const std::string& key);
// What runward-hook keeps about the secrets that it placed (secrets/note.h): goes with the record.
inline constexpr std::string_view kSecretNote = "secrets.json";
// The network rules that a running container is about to get, as the record will have them.
inline constexpr std::string_view kNextNetwork = "network.next";
// For which of a shared network's processes its rules hold (netfilter/network_scope.h).
inline constexpr std::string_view kNetworkScope = "network.scope";
std::string ScopeFile(const Paths& paths, std::string_view key);

// The container's record; nullopt when there is none. A record that cannot be read is an Error.
Result<std::optional<Record>> ReadRecord(const Paths& paths, std::string_view root,
                                         std::string_view id);

enum class Recorded { kWritten, kIdInUse };

// Writes the record unless a container of that id exists or is being started by another living
// process. What a dead one left is replaced; one of another pid namespace counts as living for a
// minute. Callers are put in order by a lock, for which they
// wait ten seconds at most.
Result<Recorded> CreateRecord(const Paths& paths, const Record& record);

// Writes the record in place of the one of the same start (`event`). An Error when that container
// is gone, or another has its id by now.
Result<void> RewriteRecord(const Paths& paths, const Record& record);

// Removes the container's record if its creator is this process (a start that did not happen).
void WithdrawRecord(const Paths& paths, std::string_view root, std::string_view id);

// Removes the container's record if the container is gone, and a few others' like that, so that
// those of `run`, and of runtimes that were killed, do not pile up.
void SweepRecords(const Paths& paths, std::string_view root, std::string_view id);

// Inode of this process' pid namespace (namespaces(7)); 0 where /proc does not say.
uint64_t PidNamespace();

// Start time of a living process; 0 when there is none of that number.
uint64_t StartTimeOf(int64_t pid);

}  // namespace runward
