#include "shim/serve.h"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#include "base/rootless.h"
#include "shim/delete.h"
#include "shim/gates.h"
#include "shim/request.h"

namespace runward {
namespace {

constexpr std::string_view kRootFlag = "--runward-root";
constexpr std::string_view kVersionLine = "runward version " RUNWARD_VERSION "\n";

// --runward-root=DIR or --runward-root DIR, the first argument or nowhere.
Result<Paths> TakePaths(std::span<const std::string>& words) {
  if (words.empty() || !words.front().starts_with(kRootFlag)) return PathsFor("");
  std::string directory;
  if (words.front() == kRootFlag && words.size() > 1) {
    directory = words[1];
    words = words.subspan(1);
  } else if (words.front().starts_with("--runward-root=")) {
    directory = words.front().substr(kRootFlag.size() + 1);
  }
  words = words.subspan(1);
  if (directory.empty() || directory.front() != '/') {
    return Error{"--runward-root needs an absolute path", ""};
  }
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return PathsFor(directory);
}

// A refusal before any gate: arguments that were not understood, or no real runtime.
Refusal Stop(Request& request, const Error& error, const char* rule) {
  request.event = NewEvent(request);
  return Fail(request, error, rule);
}

std::optional<Refusal> Understand(Request& request, std::span<const std::string> words) {
  const Result<RealRuntime> runtime = FindRealRuntime(request.paths);
  if (runtime.ok()) request.runtime = runtime.value();
  std::vector<std::string> all = request.runtime.args;
  all.insert(all.end(), words.begin(), words.end());
  const Result<void> parsed = ParseArgv(all, request.runtime.grammar, request.call);
  if (!runtime.ok()) return Stop(request, runtime.error(), "error.runtime");
  if (!parsed.ok()) return Stop(request, parsed.error(), "error.arguments");
  if (request.call.id().empty() || request.call.ask != Ask::kCommand) return std::nullopt;
  Result<std::string> root = SettleRoot(request.call);
  if (!root.ok()) return Stop(request, root.error(), "error.root");
  request.root = std::move(root).value();
  const Gate gate = request.call.subcommand->gate;
  if (request.root.empty() && gate != Gate::kPass && gate != Gate::kBegin) {
    return Stop(request,
                {"the real runtime's state directory is not known",
                 "give --root, or set \"grammar\" in " + request.paths.runtime},
                "error.root");
  }
  return std::nullopt;
}

std::optional<Refusal> PassGate(Request& request) {
  const Gate gate = request.call.subcommand->gate;
  if (gate == Gate::kPass || gate == Gate::kDelete) return std::nullopt;
  request.event = NewEvent(request);
  if (gate == Gate::kStart) return GateStart(request);
  if (gate == Gate::kBegin) return GateBegin(request);
  if (gate == Gate::kExec) return GateExec(request);
  if (gate == Gate::kUpdate) return GateUpdate(request);
  return GateCheckpoint(request);
}

Error TakeOver(Request& request) {
  if (request.input.valid() && dup2(request.input.get(), STDIN_FILENO) < 0) {
    return ErrnoError("put the checked input on stdin", errno);
  }
  if (request.input.get() == STDIN_FILENO) fcntl(STDIN_FILENO, F_SETFD, 0);
  return ExecRealRuntime(request.runtime, request.call.Canonical());
}

// What a failed take-over leaves is withdrawn, and the log corrected by a second event.
Refusal NotTaken(Request& request, const Error& error) {
  Withdraw(request);
  Event event = NewEvent(request);
  event.bundle = request.event.bundle;
  event.profile = request.event.profile;
  event.mode = request.event.mode;
  request.event = std::move(event);
  return Fail(request, error, "error.runtime");
}

}  // namespace

int Serve(std::span<const std::string> words) {
  Request request;
  Result<Paths> paths = TakePaths(words);
  request.paths = paths.ok() ? paths.value() : PathsFor("");
  if (paths.ok() && Rootless()) {
    request.above = paths.value();
    paths = UserPaths(*request.above);
    if (paths.ok()) request.paths = paths.value();
  }
  std::optional<Refusal> refusal =
      paths.ok() ? Understand(request, words) : Stop(request, paths.error(), "error.arguments");
  if (refusal) return Tell(request.call, *refusal);

  if (request.call.ask == Ask::kCommand) refusal = PassGate(request);
  if (refusal) return Tell(request.call, *refusal);

  if (request.call.ask == Ask::kVersion &&
      write(STDOUT_FILENO, kVersionLine.data(), kVersionLine.size()) < 0) {
    return 1;
  }
  const bool deletes =
      request.call.ask == Ask::kCommand && request.call.subcommand->gate == Gate::kDelete;
  const Error error = deletes ? DeleteThenSweep(request) : TakeOver(request);
  return Tell(request.call, NotTaken(request, error));
}

}  // namespace runward
