#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/event_flow.h"

namespace runward {

enum class EventAction { kAllowed, kDenied, kWouldDeny, kError };

// One decision as it is logged. Strings may come from an attacker; the log bounds and escapes them.
struct Event {
  std::string id;  // from NewEventId()
  Time time;
  EventAction action = EventAction::kDenied;
  std::string
      operation;  // "create", "run", "restore", "exec", "command", "update", "network", "dns", ...
  std::string rule;
  std::string reason;
  std::string hint;
  std::vector<std::string> warnings;
  std::string profile;
  std::string mode;           // "audit", "enforce" or ""
  std::string policy_sha256;  // hex
  std::string container_id;
  std::string container_root;  // the runtime's --root: engines' namespaces tell by it
  std::string bundle;
  std::string image_name;
  std::string image_chain;   // "sha256:..."
  std::string image_config;  // "sha256:..." when certain
  std::string image_store;
  std::string verdict_sha256;
  std::string key;
  std::string configuration_sha256;  // of the line kept of a start: oci/recorded_starts.h
  std::vector<std::string> args;     // of the process; secrets are redacted by the log
  std::vector<std::string> env;      // "NAME=value"; only names are logged
  std::string user;                  // "uid:gid"
  std::string executable;            // of a command: as resolved, in the container
  std::string parent;                // of the process that executed it: "sh (4711)"
  std::string secret;                // that was read: its name and version, nothing of its value
  std::string tier;                  // what decided in the kernel: oci/agent_client.h
  std::optional<EventFlow> flow;     // of "network" and "dns"
  int64_t actor_pid = 0;             // whose doing it is; 0: the caller of this program
  std::string real_runtime;
  std::vector<CheckResult> checks;  // of a start: logged as a finding that follows the event
};

// 13 lower-case characters, unguessable: what a refusal shows and `report explain` takes.
std::string NewEventId();

}  // namespace runward
