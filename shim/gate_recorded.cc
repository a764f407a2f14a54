#include <unistd.h>

#include "base/file.h"
#include "base/trusted_path.h"
#include "oci/load.h"
#include "oci/record.h"
#include "oci/spec.h"
#include "shim/descriptor.h"
#include "shim/gates.h"
#include "shim/governing.h"

namespace runward {
namespace {

// What governs a call on a container that is there already.
struct Governed {
  Outcome outcome = Outcome::kDeny;
  bool enforced = true;
  EventRule events;
};

bool OnlyAudits(const Policy& policy) {
  for (const Profile& profile : policy.profiles) {
    if (profile.mode == Mode::kEnforce) return false;
  }
  return true;
}

Governed ByRecord(const Record& record, Event& event) {
  event.rule = "container.recorded";
  event.reason = "the container was started by runward, event " + record.event;
  event.profile = record.profile;
  event.mode = record.mode == Mode::kAudit ? "audit" : "enforce";
  event.policy_sha256 = record.policy_sha256;
  event.image_name = record.image;
  event.image_chain = record.image_chain;
  event.image_config = record.image_config;
  event.image_store = record.image_store;
  event.bundle = record.bundle;
  return {Outcome::kAllow, record.mode == Mode::kEnforce, record.events};
}

// Started before runward came, or by another runtime. A policy that only audits refuses nothing.
Result<Governed> ByPolicy(Request& request) {
  Event& event = request.event;
  const Policy policy = TRY(LoadGoverning(request));
  event.policy_sha256 = policy.digest;
  event.rule = "container.unrecorded";
  event.reason = "the container was not started by runward, so that nothing is known about it";
  const bool audit = OnlyAudits(policy);
  event.mode = audit ? "audit" : "enforce";
  if (policy.unrecorded_allowed) return Governed{Outcome::kAllow, !audit, policy.events};
  event.hint = "start the container again, through runward";
  return Governed{audit ? Outcome::kWouldDeny : Outcome::kDeny, !audit, policy.events};
}

Result<Governed> Govern(Request& request) {
  const std::optional<Record> record =
      TRY(ReadRecord(request.paths, request.root, request.call.id()));
  return record ? ByRecord(*record, request.event) : ByPolicy(request);
}

std::optional<Refusal> Conclude(Request& request) {
  const Result<Governed> governed = Govern(request);
  if (!governed.ok()) return Fail(request, governed.error(), "error.record");
  request.log = LogOptions(governed.value().events);
  if (governed.value().outcome == Outcome::kDeny) return Deny(request);
  request.event.action =
      governed.value().outcome == Outcome::kAllow ? EventAction::kAllowed : EventAction::kWouldDeny;
  return LogAllowed(request, governed.value().enforced && governed.value().events.required);
}

// A file that the real runtime will open again: nobody else may be able to change it meanwhile. A
// pipe would be empty by then, so the real runtime is given what was read from it.
Result<std::string> ReadStable(Invocation& call, std::string_view option, const std::string& path) {
  if (const std::optional<int> fd = NamedDescriptor(path)) {
    std::string text = TRY(ReadFdCapped(*fd, kMaxSpecBytes, path));
    const UniqueFd kept = TRY(InMemory(text));
    call.Set(option, TRY(HandOn(kept)));
    return text;
  }
  const std::string resolved = TRY(ResolveTrusted(path));
  // Said of the name as given: a symlink is refused even when it leads to a good file.
  std::string text = TRY(ReadFileCapped(path, kMaxSpecBytes, Trust::kOwner));
  call.Set(option, resolved);
  return text;
}

Result<void> ReadExec(Request& request) {
  Invocation& call = request.call;
  if (const std::optional<std::string> path = call.Value("process")) {
    std::string text = TRY(ReadStable(call, "process", *path));
    const Process process = TRY(ParseProcess(std::move(text), *path));
    SetProcess(request.event, process.args, process.env, process.user);
    return {};
  }
  const std::vector<std::string> args(call.operands.begin() + 1, call.operands.end());
  SetProcess(request.event, args, call.Values("env"), call.Value("user").value_or(""));
  return {};
}

Result<void> ReadUpdate(Request& request) {
  const std::optional<std::string> path = request.call.Value("resources");
  if (!path) return {};
  if (*path != "-") {
    std::string text = TRY(ReadStable(request.call, "resources", *path));
    return CheckResources(std::move(text), *path);
  }
  const std::string text = TRY(ReadFdCapped(STDIN_FILENO, kMaxSpecBytes, "standard input"));
  TRY(CheckResources(text, "standard input"));
  request.input = TRY(InMemory(text));
  return {};
}

}  // namespace

std::optional<Refusal> GateExec(Request& request) {
  const Result<void> read = ReadExec(request);
  if (!read.ok()) return Fail(request, read.error(), "error.process");
  return Conclude(request);
}

std::optional<Refusal> GateUpdate(Request& request) {
  const Result<void> read = ReadUpdate(request);
  if (!read.ok()) return Fail(request, read.error(), "error.resources");
  return Conclude(request);
}

std::optional<Refusal> GateCheckpoint(Request& request) { return Conclude(request); }

}  // namespace runward
