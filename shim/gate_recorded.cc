#include <unistd.h>

#include <functional>

#include "base/file.h"
#include "base/trusted_path.h"
#include "oci/container.h"
#include "oci/container_event.h"
#include "oci/host_look.h"
#include "oci/load.h"
#include "oci/record.h"
#include "oci/run_record.h"
#include "oci/spec.h"
#include "policy/control_parts.h"
#include "shim/descriptor.h"
#include "shim/exec_controls.h"
#include "shim/gates.h"
#include "shim/governing.h"
#include "shim/network_controls.h"

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
  SetRecorded(event, record);
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

using Judging = std::function<std::vector<RunFinding>(const RunRule&)>;

// What the call asks for against what the container's profile allowed when it was started.
Result<Governed> Controlled(Governed governed, const Record& record, const Judging& judge,
                            Request& request) {
  const RunRule rule = TRY(ParseRunRule(record.run));
  Event& event = request.event;
  Decision decision = WithFindings({.outcome = Outcome::kAllow,
                                    .rule = event.rule,
                                    .reason = event.reason,
                                    .profile = record.profile,
                                    .mode = record.mode,
                                    .image = record.image},
                                   judge(rule));
  if (!record.user_run.empty()) {
    const UsersRule user{.profile = record.user_profile, .run = TRY(ParseRunRule(record.user_run))};
    decision = WithUsersFindings(std::move(decision), user, judge(user.run));
  }
  governed.outcome = decision.outcome;
  event.rule = decision.rule;
  event.profile = decision.profile;
  event.mode = decision.mode == Mode::kAudit ? "audit" : "enforce";
  event.reason = decision.reason;
  event.hint = decision.hint;
  event.warnings = decision.warnings;
  return governed;
}

Result<Governed> Govern(Request& request, const Judging& judge) {
  const std::optional<Record> record =
      TRY(ReadRecord(request.paths, request.root, request.call.id()));
  if (!record) return ByPolicy(request);
  return Controlled(ByRecord(*record, request.event), *record, judge, request);
}

std::optional<Refusal> Conclude(Request& request, const Judging& judge) {
  const Result<Governed> governed = Govern(request, judge);
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

// `text` is left what process.json says, or "".
Result<ExecCall> ReadExec(Request& request, std::string& text) {
  Invocation& call = request.call;
  if (const std::optional<std::string> path = call.Value("process")) {
    text = TRY(ReadStable(call, "process", *path));
    ExecCall asked;
    asked.process = TRY(ParseProcessConfig(text, *path));
    const ProcessConfig& process = asked.process;
    SetProcess(request.event, process.args, process.env,
               std::to_string(process.uid) + ":" + std::to_string(process.gid));
    return asked;
  }
  const std::vector<std::string> args(call.operands.begin() + 1, call.operands.end());
  SetProcess(request.event, args, call.Values("env"), call.Value("user").value_or(""));
  return ExecByOptions(call);
}

Result<ResourceLimits> ReadUpdate(Request& request) {
  const std::optional<std::string> path = request.call.Value("resources");
  if (!path) return LimitsByOptions(request.call);
  if (*path != "-") {
    std::string text = TRY(ReadStable(request.call, "resources", *path));
    return ParseResources(std::move(text), *path);
  }
  const std::string text = TRY(ReadFdCapped(STDIN_FILENO, kMaxSpecBytes, "standard input"));
  ResourceLimits limits = TRY(ParseResources(text, "standard input"));
  request.input = TRY(InMemory(text));
  return limits;
}

std::vector<RunFinding> NoFindings(const RunRule& /*rule*/) { return {}; }

}  // namespace

std::optional<Refusal> GateExec(Request& request) {
  std::string text;
  Result<ExecCall> asked = ReadExec(request, text);
  if (!asked.ok()) return Fail(request, asked.error(), "error.process");
  const Result<void> withheld = WithholdFromExec(request, text);
  if (!withheld.ok()) return Fail(request, withheld.error(), "network.capabilities");
  asked.value().call = AskedBy(request.call, request.runtime.args);
  const Result<void> stays = KeepExecInGroup(request, asked.value().call.cgroup);
  if (!stays.ok()) return Fail(request, stays.error(), "network.host");
  return Conclude(request, [&](const RunRule& rule) { return JudgeExecCall(rule, asked.value()); });
}

std::optional<Refusal> GateBegin(Request& request) {
  if (request.root.empty()) return std::nullopt;  // where no create is let through
  const auto read = ReadRecord(request.paths, request.root, request.call.id());
  if (!read.ok()) return Fail(request, read.error(), "error.record");
  if (!read.value()) return std::nullopt;
  const Record& record = *read.value();
  const Result<void> held = HoldAtStart(request.paths, record);
  if (held.ok()) return std::nullopt;
  SetRecorded(request.event, record);
  request.log = LogOptions(record.events);
  request.event.rule = "network.install";
  request.event.reason = held.error().message;
  request.event.hint = held.error().hint;
  return Deny(request);
}

std::optional<Refusal> GateUpdate(Request& request) {
  const Result<ResourceLimits> limits = ReadUpdate(request);
  if (!limits.ok()) return Fail(request, limits.error(), "error.resources");
  return Conclude(request, [&](const RunRule& rule) {
    HostView host;
    LookAtDevices(DeviceNumbersOf(rule, {}, limits.value().devices), host);
    return JudgeUpdate(rule, limits.value(), host);
  });
}

std::optional<Refusal> GateCheckpoint(Request& request) { return Conclude(request, NoFindings); }

}  // namespace runward
