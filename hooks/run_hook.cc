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
#include "base/rootless.h"
#include "hooks/cable_step.h"
#include "hooks/decide_step.h"
#include "hooks/early_supply.h"
#include "hooks/group_step.h"
#include "hooks/network_step.h"
#include "hooks/peer_step.h"
#include "hooks/root_check.h"
#include "hooks/secrets.h"
#include "netfilter/net_namespace.h"
#include "oci/agent_client.h"
#include "oci/hook_entry.h"

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
  HookTask task;
  bool decide = false;  // nobody has: called by an engine's hooks.d
};

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// Takes `count` arguments behind `word`; nothing when the next one is another.
std::span<const std::string> Take(std::span<const std::string>& args, std::string_view word,
                                  size_t count) {
  if (args.size() <= count || args.front() != word) return {};
  const auto taken = args.subspan(1, count);
  args = args.subspan(count + 1);
  return taken;
}

// Takes the arguments that say which installation it is.
Result<Paths> TakePaths(std::span<const std::string>& args) {
  constexpr std::string_view kRootFlag = "--runward-root=";
  Paths paths = PathsFor("");
  if (args.empty()) return paths;
  const bool user = args.front() == "--user";
  if (args.front().starts_with(kRootFlag)) {
    paths = PathsFor(args.front().substr(kRootFlag.size()));
  } else if (!user) {
    return paths;
  }
  args = args.subspan(1);
  return user ? UserPaths(paths) : paths;
}

Result<Call> ParseCall(std::span<const std::string> args) {
  Call call;
  call.paths = TRY(TakePaths(args));
  if (args.size() == 1 && args.front() == "decide") {
    call.decide = true;
    return call;
  }
  if (const auto root = Take(args, "check-root", 3); !root.empty()) {
    const auto device = ParseNumber(root[1]);
    const auto inode = ParseNumber(root[2]);
    if (!device || !inode) return Error{"runward-hook was called with bad numbers", ""};
    call.task.root = {.path = root[0], .device = *device, .inode = *inode};
  }
  if (const auto key = Take(args, "network", 2); !key.empty()) {
    call.task.network = key[0];
    call.task.audit = key[1] == "audit";
  }
  if (const auto peer = Take(args, "peer", 5); !peer.empty()) {
    call.task.peer = PeerTask{
        .key = peer[0], .profile = peer[2], .image = peer[3], .vouched = peer[4] == "vouched"};
    call.task.audit = peer[1] == "audit";
  }
  if (const auto key = Take(args, "supply", 2); !key.empty()) {
    call.task.supply = key[0];
    call.task.audit = key[1] == "audit";
  }
  if (const auto key = Take(args, "register", 3); !key.empty()) {
    call.task.key = key[0];
    call.task.audit = key[1] == "audit";
    call.task.tier = key[2];
  }
  const bool nothing = !call.task.root && call.task.network.empty() && !call.task.peer &&
                       call.task.key.empty() && call.task.supply.empty();
  if (!args.empty() || nothing) {
    return Error{"runward-hook was called with arguments that it does not know",
                 "runward and runward-hook must be of the same version"};
  }
  return call;
}

Result<State> ReadState() {
  std::string text(StateReadEarly());
  text += TRY(ReadFdCapped(STDIN_FILENO, kMaxStateBytes, "the container's state"));
  const JsonDocument document = TRY(JsonDocument::Parse(std::move(text)));
  const int64_t pid = TRY(document.root().Find("pid").Int());
  if (pid <= 0 || pid > INT_MAX) return Error{"the container's state has no process", ""};
  return State{.pid = static_cast<pid_t>(pid),
               .id = std::string(document.root().Find("id").text()),
               .bundle = std::string(document.root().Find("bundle").text())};
}

Event EventOf(const State& state, std::string_view operation, std::string_view rule,
              const Error& error, EventAction action) {
  Event event{.id = NewEventId(), .time = Now(), .action = action};
  event.operation = operation;
  event.rule = rule;
  event.reason = error.message;
  event.hint = error.hint;
  event.container_id = state.id;
  event.bundle = state.bundle;
  return event;
}

// The line for the person, after what happened has been logged.
std::string Told(const Paths& paths, const Event& event, const EventLogOptions& log) {
  const Result<void> logged = AppendEvent(paths.log, event, log);
  std::string line = "runward refused container " + event.container_id + ": " + event.reason +
                     " (rule " + event.rule + ", event " + event.id + ")";
  if (!event.hint.empty()) line += ". Next: " + event.hint;
  const std::string flag = paths.root_flag.empty() ? "" : paths.root_flag + " ";
  if (logged.ok()) line += ". Explain: runwardctl " + flag + "report explain " + event.id;
  if (!logged.ok()) line += ". The event could not be logged: " + logged.error().message;
  return line;
}

std::string Say(const Paths& paths, const State& state, std::string_view rule, const Error& error,
                bool audit) {
  Event event =
      EventOf(state, "create", rule, error, audit ? EventAction::kWouldDeny : EventAction::kDenied);
  event.mode = audit ? "audit" : "enforce";
  return Told(paths, event, {.fdatasync = true});
}

std::string Refuse(const Paths& paths, const State& state, std::string_view rule,
                   const Error& error) {
  return Say(paths, state, rule, error, /*audit=*/false);
}

void Watch(const Paths& paths, const State& state, const HookTask& task) {
  const Result<void> watched = WatchNetwork(paths, task.network, state.pid);
  if (watched.ok()) return;
  const Event event =
      EventOf(state, "network", "network.agent", watched.error(), EventAction::kError);
  (void)AppendEvent(paths.log, event, {}).ok();
}

Result<void> InstallRules(const Paths& paths, const State& state, const HookTask& task) {
  if (TRY(InHostsNetwork(state.pid))) return HoldByGroup(paths, task.network, state.pid);
  const Result<bool> held = HoldCables(paths, task.network, state.pid);
  if (!held.ok() && !task.audit) return held.error();
  TRY(NarrowNetwork(paths, task.network, state.pid));
  if (!held.ok() || !held.value()) Watch(paths, state, task);
  TRY(task.peer ? InstallWithPeers(paths, *task.peer, state.pid)
                : InstallNetwork(paths, task.network, state.pid, nullptr));
  if (!held.ok()) return held.error();
  return {};
}

// "" when the rules are in place, and in audit mode.
std::string Install(const Paths& paths, const State& state, const HookTask& task) {
  const Result<void> installed = InstallRules(paths, state, task);
  if (installed.ok()) return "";
  std::string line = Say(paths, state, "network.install", installed.error(), task.audit);
  return task.audit ? "" : line;
}

// "" when the rules of others know the container, and in audit mode.
std::string Join(const Paths& paths, const State& state, const HookTask& task) {
  const Result<void> joined = JoinPeers(paths, *task.peer, state.pid);
  if (joined.ok()) return "";
  std::string line = Say(paths, state, "network.peers", joined.error(), task.audit);
  return task.audit ? "" : line;
}

std::string HoldNetwork(const Paths& paths, const State& state, const HookTask& task) {
  if (!task.network.empty()) return Install(paths, state, task);
  return task.peer ? Join(paths, state, task) : "";
}

// "" when the agent took the container, and in audit mode.
std::string Register(const Paths& paths, const State& state, const HookTask& task) {
  const Result<void> told = RegisterWithAgent(paths, task.key, state.pid, task.tier);
  if (told.ok()) return "";
  std::string line = Say(paths, state, "commands.agent", told.error(), task.audit);
  return task.audit ? "" : line;
}

// "" when the container has its secrets, and in audit mode.
std::string Supply(const Paths& paths, const State& state, const HookTask& task) {
  const Result<void> supplied = SupplyContainer(paths, task.supply, state.pid);
  if (supplied.ok()) return "";
  std::string line = Say(paths, state, "secrets.supply", supplied.error(), task.audit);
  return task.audit ? "" : line;
}

std::string DecideAlone(const Paths& paths, const State& state) {
  const auto decided =
      DecideHere(paths, {.pid = state.pid, .id = state.id, .bundle = state.bundle});
  if (!decided.ok()) return Refuse(paths, state, "hook.decide", decided.error());
  const OwnDecision& own = decided.value();
  if (own.event.action == EventAction::kDenied) return Told(paths, own.event, own.log);
  const Result<void> logged = AppendEvent(paths.log, own.event, own.log);
  if (!logged.ok() && own.required) return Refuse(paths, state, "event.log", logged.error());
  HookTask task{.audit = own.audit, .peer = own.peer};
  if (own.installs) task.network = own.key;
  return HoldNetwork(paths, state, task);
}

}  // namespace

std::string RunHook(const std::vector<std::string>& args) {
  const Result<Call> call = ParseCall(args);
  if (!call.ok()) return Refuse(PathsFor(""), {}, "hook.call", call.error());
  const Paths& paths = call.value().paths;
  const HookTask& task = call.value().task;
  const Result<State> state = ReadState();
  if (!state.ok()) return Refuse(paths, {}, "hook.state", state.error());
  if (call.value().decide) return DecideAlone(paths, state.value());
  if (task.root) {
    const Result<void> checked = CheckContainerRoot(state.value().pid, *task.root);
    if (!checked.ok()) return Refuse(paths, state.value(), "image.covered", checked.error());
  }
  std::string refusal = HoldNetwork(paths, state.value(), task);
  if (refusal.empty() && !task.supply.empty()) refusal = Supply(paths, state.value(), task);
  if (!refusal.empty() || task.key.empty()) return refusal;
  return Register(paths, state.value(), task);
}

}  // namespace runward
