#include "hooks/run_hook.h"

#include <unistd.h>

#include <charconv>
#include <climits>
#include <optional>
#include <span>

#include "base/event_log.h"
#include "base/file.h"
#include "base/json.h"
#include "base/paths.h"
#include "hooks/root_check.h"

namespace runward {
namespace {

constexpr size_t kMaxStateBytes = size_t{1} << 20;

struct State {
  pid_t pid = 0;
  std::string id;
  std::string bundle;
};

struct Call {
  Paths paths;
  RootIdentity root;
};

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

Result<Call> ParseCall(std::span<const std::string> args) {
  constexpr std::string_view kRootFlag = "--runward-root=";
  Call call{.paths = PathsFor(""), .root = {}};
  if (!args.empty() && args.front().starts_with(kRootFlag)) {
    call.paths = PathsFor(args.front().substr(kRootFlag.size()));
    args = args.subspan(1);
  }
  if (args.size() != 4 || args[0] != "check-root") {
    return Error{"runward-hook was called with arguments that it does not know",
                 "runward and runward-hook must be of the same version"};
  }
  const auto device = ParseNumber(args[2]);
  const auto inode = ParseNumber(args[3]);
  if (!device || !inode) return Error{"runward-hook was called with bad numbers", ""};
  call.root = {.path = args[1], .device = *device, .inode = *inode};
  return call;
}

Result<State> ReadState() {
  std::string text = TRY(ReadFdCapped(STDIN_FILENO, kMaxStateBytes, "the container's state"));
  const JsonDocument document = TRY(JsonDocument::Parse(std::move(text)));
  const int64_t pid = TRY(document.root().Find("pid").Int());
  if (pid <= 0 || pid > INT_MAX) return Error{"the container's state has no process", ""};
  return State{.pid = static_cast<pid_t>(pid),
               .id = std::string(document.root().Find("id").text()),
               .bundle = std::string(document.root().Find("bundle").text())};
}

std::string Refuse(const Paths& paths, const State& state, std::string_view rule,
                   const Error& error) {
  Event event{.id = NewEventId(), .time = Now(), .action = EventAction::kDenied};
  event.operation = "create";
  event.rule = rule;
  event.reason = error.message;
  event.hint = error.hint;
  event.mode = "enforce";
  event.container_id = state.id;
  event.bundle = state.bundle;
  const Result<void> logged = AppendEvent(paths.log, event, {});
  std::string line = "runward refused container " + state.id + ": " + error.message + " (rule " +
                     std::string(rule) + ", event " + event.id + ")";
  if (!error.hint.empty()) line += ". Next: " + error.hint;
  const std::string flag = paths.root_flag.empty() ? "" : paths.root_flag + " ";
  if (logged.ok()) line += ". Explain: runwardctl " + flag + "report explain " + event.id;
  if (!logged.ok()) line += ". The event could not be logged: " + logged.error().message;
  return line;
}

}  // namespace

std::string RunHook(const std::vector<std::string>& args) {
  const Result<Call> call = ParseCall(args);
  if (!call.ok()) return Refuse(PathsFor(""), {}, "hook.call", call.error());
  const Result<State> state = ReadState();
  if (!state.ok()) return Refuse(call.value().paths, {}, "hook.state", state.error());
  const Result<void> checked = CheckContainerRoot(state.value().pid, call.value().root);
  if (!checked.ok()) {
    return Refuse(call.value().paths, state.value(), "image.covered", checked.error());
  }
  return "";
}

}  // namespace runward
