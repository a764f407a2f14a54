#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/clients.h"
#include "agent/fanotify_group.h"
#include "agent/keeper.h"
#include "agent/notified_calls.h"
#include "agent/service_manager.h"
#include "agent/take_over.h"
#include "agent/tier_probe.h"
#include "agent/work_lock.h"
#include "base/paths.h"
#include "base/rootless.h"
#include "vault/locked_bytes.h"

namespace {

constexpr const char* kHelp =
    "Usage: runward-agent [--runward-root=DIR | --user] [--no-bpf | --notify]\n"
    "\n"
    "Enforces the command rules of containers that runward starts. Runs until it is told to stop\n"
    "(SIGTERM), and then for as long as containers that it guards do. Needs root.\n"
    "\n"
    "  --runward-root=DIR  keep all files below DIR, as runward and runwardctl do when told so\n"
    "  --user              for a user's own engine, in its user namespace:\n"
    "                      podman unshare runward-agent --user\n"
    "  --no-bpf            let fanotify alone decide about commands\n"
    "  --notify            nor use that: seccomp notification decides, which is advisory\n"
    "  --version           print the version\n"
    "  --help              print this\n";

int Fail(const runward::Error& error) {
  std::fprintf(stderr, "runward-agent: %s\n", error.message.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "Next: %s\n", error.hint.c_str());
  return 1;
}

// Each container needs a few descriptors; more than these make the search for unanswered questions
// long (agent/fanotify_group.h).
void RaiseLimit() {
  constexpr rlim_t kFiles = 65536;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = std::min(kFiles, files.rlim_max);
  setrlimit(RLIMIT_NOFILE, &files);
}

// Where fanotify does not do, what notified calls need.
runward::Result<void> Complete(const runward::Paths& paths, runward::AgentOptions& options,
                               runward::Kept& kept) {
  if (options.notify) kept.group = {};
  if (!options.notify && !kept.group.valid()) {
    const runward::Result<void> proven = runward::ProveFanotify();
    if (proven.ok()) kept.group = TRY(runward::OpenFanotify());
    if (!proven.ok()) options.left_out.push_back("fanotify: " + proven.error().message);
  }
  if (!kept.listener.valid()) kept.listener = TRY(runward::ListenForClients(paths));
  if (kept.group.valid() || kept.calls.valid()) return {};
  TRY(runward::ProveNotification());
  kept.calls = TRY(runward::MakeCallEnds(paths));
  return {};
}

runward::Result<runward::Kept> Begin(const runward::Paths& paths, runward::AgentOptions& options) {
  if (geteuid() != 0) return runward::Error{"it needs root", "sudo runward-agent"};
  runward::Kept kept = runward::TakeStored();
  const bool stored = kept.listener.valid() && (kept.group.valid() || kept.calls.valid());
  // What was stored is also held by an agent that still works, if one does: that one has to end.
  if (!stored || !runward::LockWork(paths, 0).ok()) {
    runward::Result<runward::Kept> taken = runward::TakeOver(paths);
    if (!taken.ok() && stored) return taken;
    kept = taken.ok() ? std::move(taken).value() : runward::Kept{};
  }
  TRY(Complete(paths, options, kept));
  return kept;
}

struct Call {
  std::string root;
  bool user = false;
  runward::AgentOptions options;
};

// False for a word that is no option of a run.
bool Take(const std::string& word, Call& call) {
  constexpr std::string_view kRootFlag = "--runward-root=";
  if (word == "--no-bpf" || word == "--notify") {
    if (call.options.bpf) {
      call.options.left_out.push_back("lsm, fmod_ret, fanotify+kill: left out by " + word);
    }
    call.options.bpf = false;
    if (word == "--notify" && !call.options.notify) {
      call.options.left_out.emplace_back("fanotify: left out by --notify");
    }
    call.options.notify |= word == "--notify";
    return true;
  }
  if (word == "--user") return call.user = true;
  if (!word.starts_with(kRootFlag)) return false;
  call.root = word.substr(kRootFlag.size());
  return true;
}

// Reads the arguments; the status to exit with at once, or nullopt to go on.
std::optional<int> Parse(const std::vector<std::string>& words, Call& call) {
  for (const std::string& word : words) {
    if (word == "--help") return std::fputs(kHelp, stdout) < 0 ? 1 : 0;
    if (word == "--version") return std::puts("runward-agent " RUNWARD_VERSION) < 0 ? 1 : 0;
    if (!Take(word, call)) {
      std::fprintf(stderr, "runward-agent: unknown argument \"%s\"\n\n%s", word.c_str(), kHelp);
      return 2;
    }
  }
  return std::nullopt;
}

runward::Result<runward::Paths> PathsOf(const Call& call) {
  runward::Paths paths = runward::PathsFor(call.root);
  if (!call.user) return paths;
  if (runward::Rootless()) return runward::UserPaths(paths);
  return runward::Error{"--user is for the user namespace of a rootless engine",
                        "podman unshare runward-agent --user"};
}

int Run(Call call) {
  RaiseLimit();
  if (const auto hardened = runward::HardenProcess(); !hardened.ok()) return Fail(hardened.error());
  // The last to go when memory is short: containers would wait for it.
  std::ofstream("/proc/self/oom_score_adj") << "-1000";
  const runward::Result<runward::Paths> paths = PathsOf(call);
  if (!paths.ok()) return Fail(paths.error());
  runward::Result<runward::Kept> kept = Begin(paths.value(), call.options);
  if (!kept.ok()) return Fail(kept.error());
  return runward::KeepAndWork(paths.value(), call.options, std::move(kept).value());
}

}  // namespace

int main(int argc, char** argv) {
  Call call;
  const std::optional<int> status = Parse({argv + 1, argv + argc}, call);
  return status ? *status : Run(std::move(call));
}
