#include "shim/request.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/rootless.h"
#include "base/trusted_path.h"
#include "oci/container_event.h"
#include "oci/record.h"
#include "oci/spec.h"

namespace runward {
namespace {

constexpr size_t kShownId = 100;

std::string_view OperationOf(const Invocation& call) {
  return call.subcommand == nullptr ? "call" : call.subcommand->name;
}

constexpr std::string_view kProgram = "runwardctl ";

std::string HintHere(const Request& request, const std::string& hint) {
  if (request.paths.root_flag.empty() || !hint.starts_with(kProgram)) return hint;
  return std::string(kProgram) + request.paths.root_flag + " " + hint.substr(kProgram.size());
}

std::string Explain(const Request& request) {
  return HintHere(request, std::string(kProgram) + "report explain " + request.event.id);
}

std::string Sentence(const Request& request) {
  const Event& event = request.event;
  std::string text = "runward refused ";
  const std::string id = event.container_id.substr(0, kShownId);
  const bool start = event.operation == "create" || event.operation == "run";
  if (id.empty()) {
    text += "this call";
  } else {
    text += (start ? "" : event.operation + " of ") + "container " + id;
  }
  text += ": " + event.reason + " (rule " + event.rule;
  if (!event.profile.empty()) text += ", profile " + event.profile;
  text += ", event " + event.id + ").";
  if (!event.hint.empty()) text += " Next: " + event.hint + ".";
  return text;
}

Refusal LogAndRefuse(Request& request) {
  const Result<void> logged = AppendEvent(request.paths.log, request.event, request.log);
  Refusal refusal{.message = Sentence(request)};
  refusal.message += logged.ok() ? " Explain: " + Explain(request)
                                 : " The event could not be logged: " + logged.error().message;
  if (request.event.operation == "exec") refusal.exit_code = 255;
  return refusal;
}

// Whether a process of root's honours XDG_RUNTIME_DIR: crun always, runc only inside a user
// namespace and unless USER is root (utils_linux.go).
std::string DefaultRoot(Grammar grammar) {
  const std::string name = grammar == Grammar::kRunc ? "/runc" : "/crun";
  const char* const directory = std::getenv("XDG_RUNTIME_DIR");
  if (directory == nullptr || *directory != '/') return "/run" + name;
  if (grammar == Grammar::kCrun) return directory + name;
  const char* const user = std::getenv("USER");
  const bool roots = user != nullptr && std::string_view(user) == "root";
  return Rootless() && !roots ? directory + name : "/run" + name;
}

// The path with symlinks resolved as far as it exists.
Result<std::string> ResolveExisting(const std::string& path) {
  const std::string head = path.front() == '/' ? path : "./" + path;
  size_t known = head.size();
  struct stat info {};
  while (lstat(head.substr(0, known).c_str(), &info) != 0) {
    const size_t slash = head.rfind('/', known - 1);
    known = slash == 0 || slash == std::string::npos ? 1 : slash;  // "/" and "." exist
  }
  std::string whole = TRY(Resolve(head.substr(0, known)));
  if (whole == "/") whole.clear();
  if (known == 1 && head.front() == '/') known = 0;
  whole += head.substr(known);
  return CleanPath(whole);  // the same before the directory is made and after
}

}  // namespace

Event NewEvent(const Request& request) {
  Event event{.id = NewEventId(), .time = Now(), .action = EventAction::kError};
  event.operation = OperationOf(request.call);
  event.container_id = request.call.id();
  event.container_root = request.root;
  event.real_runtime = request.runtime.resolved;
  return event;
}

void SetProcess(Event& event, const std::vector<std::string>& args,
                const std::vector<std::string>& env, std::string user) {
  event.args = args;
  event.env = env;
  event.user = std::move(user);
}

void SetDecision(Request& request, const Decision& decision) {
  SetDecision(request.event, decision);
  request.event.hint = HintHere(request, decision.hint);
}

std::optional<Refusal> LogAllowed(Request& request, bool required) {
  const Result<void> logged = AppendEvent(request.paths.log, request.event, request.log);
  if (logged.ok() || !required) return std::nullopt;
  Withdraw(request);
  return Fail(request, logged.error(), "error.event-log");
}

void Withdraw(Request& request) {
  if (request.recorded) WithdrawRecord(request.paths, request.root, request.event.container_id);
  request.recorded = false;
}

Refusal Deny(Request& request) {
  request.event.action = EventAction::kDenied;
  return LogAndRefuse(request);
}

Refusal Fail(Request& request, const Error& error, std::string rule) {
  request.event.action = EventAction::kError;
  request.event.rule = std::move(rule);
  request.event.reason = error.message;
  request.event.hint = error.hint;
  return LogAndRefuse(request);
}

Result<std::string> SettleRoot(Invocation& call) {
  const std::optional<std::string> given = call.Global("root");
  if (!given && call.grammar == Grammar::kUnknown) return std::string();
  const std::string root = given.value_or(DefaultRoot(call.grammar));
  if (root.empty()) return Error{"--root is empty", ""};
  std::string resolved = TRY(ResolveExisting(root));
  call.SetGlobal("root", resolved);
  return resolved;
}

}  // namespace runward
