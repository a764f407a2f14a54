#pragma once

#include <optional>
#include <string>

#include "base/event.h"
#include "base/event_log.h"
#include "base/fd.h"
#include "base/paths.h"
#include "policy/decide.h"
#include "shim/argv.h"
#include "shim/real_runtime.h"
#include "shim/refusal.h"

namespace runward {

// One call of the runtime on its way to the real one.
struct Request {
  Paths paths;
  std::optional<Paths> above;  // the administrator's; with a rootless engine, whose own are `paths`
  RealRuntime runtime;
  Invocation call;
  std::string root;  // the real runtime's state directory, resolved; "" without a container
  Event event;       // what will be logged about this call
  EventLogOptions log;
  UniqueFd input;         // replaces stdin when valid: bytes that were checked
  bool recorded = false;  // this call wrote the container's record
};

// An event about this call, with a new id and everything that is known before any gate.
Event NewEvent(const Request& request);
void SetProcess(Event& event, const std::vector<std::string>& args,
                const std::vector<std::string>& env, std::string user);
// The decision's hint is made a command for this installation: decisions know of none.
void SetDecision(Request& request, const Decision& decision);

// Logs the request's event as it stands, with leave to go on; a refusal when it could not be logged
// and has to be (`required`).
std::optional<Refusal> LogAllowed(Request& request, bool required);
// Takes back what an allowed start left, when it does not happen after all.
void Withdraw(Request& request);

// Logs the request's event as denied / as an error, and says so to the person. What could not be
// logged is refused all the same, and the message says that as well.
Refusal Deny(Request& request);
Refusal Fail(Request& request, const Error& error, std::string rule);

// The state directory that the real runtime will use: --root, or its own default for root. Set on
// `call` as well, so that no environment variable can make the two differ. Left alone (and "") when
// the runtime is not known and --root not given.
Result<std::string> SettleRoot(Invocation& call);

}  // namespace runward
