#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "oci/resulting_config.h"
#include "oci/spec.h"
#include "oci/start_controls.h"
#include "oci/start_root.h"
#include "policy/command_rule.h"
#include "policy/decide.h"
#include "policy/network_rule.h"
#include "policy/policy.h"
#include "policy/secret_rule.h"
#include "shim/governing.h"
#include "shim/request.h"

namespace runward {

// What the steps of a start's gate find out, each from those before it (shim/gate_start.cc).
struct StartCase {
  Request& request;
  std::string bundle;  // absolute, resolved
  std::string config;  // the file that the real runtime will read
  std::optional<JsonDocument> document;
  std::string exposed;  // who but root could change that file after this look at it; "" for nobody
  Spec spec;
  Policy policy;
  StartRoot root;
  std::vector<FoundEnvelopes> found;
  Decision decision;
  std::optional<UsersRule> user;
  StartControls controls;
  CommandRule commands;                      // of the governing profile, its names resolved
  NetworkRule network;                       // of the governing profile
  std::string tier;                          // the agent's, when commands are ruled and it answers
  std::vector<SecretRule> secrets;           // that it receives, with their owners
  std::vector<std::string> denied_syscalls;  // by the policies that enforce; sorted
  std::string recordable;                    // of the configuration as it came
  std::optional<ResultingConfig> result;     // of `document`
};

// The container's record, which exec and the others go by. An audited container starts without,
// except when the id is another's.
Result<void> KeepRecord(StartCase& now);
// What was decided by, for replays. What cannot be kept is said, and changes nothing.
Result<void> KeepConfiguration(StartCase& now);

}  // namespace runward
