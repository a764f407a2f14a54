#include "shim/grammar.h"

#include <array>

namespace runward {
namespace {

constexpr auto kFlag = Arity::kFlag;
constexpr auto kValue = Arity::kValue;
constexpr auto kList = Arity::kList;

constexpr Option kGlobals[] = {
    {"cgroup-manager", 0, kValue, In::kCrun},
    {"criu", 0, kValue, In::kRunc},
    {"debug", 0, kFlag},
    {"log", 0, kValue},
    {"log-format", 0, kValue},
    {"root", 0, kValue},
    {"rootless", 0, kValue},
    {"systemd-cgroup", 0, kFlag},
};

constexpr Option kCheckpoint[] = {
    {"auto-dedup", 0, kFlag, In::kRunc},
    {"empty-ns", 0, kList, In::kRunc},
    {"ext-unix-sk", 0, kFlag},
    {"file-locks", 0, kFlag},
    {"image-path", 0, kValue},
    {"lazy-pages", 0, kFlag, In::kRunc},
    {"leave-running", 0, kFlag},
    {"manage-cgroups-mode", 0, kValue},
    {"page-server", 0, kValue, In::kRunc},
    {"parent-path", 0, kValue},
    {"pre-dump", 0, kFlag},
    {"shell-job", 0, kFlag},
    {"status-fd", 0, kValue, In::kRunc},
    {"tcp-established", 0, kFlag},
    {"work-path", 0, kValue},
};

constexpr Option kCreate[] = {
    {"bundle", 'b', kValue},       {"config", 'f', kValue, In::kCrun},
    {"console-socket", 0, kValue}, {"no-new-keyring", 0, kFlag},
    {"no-pivot", 0, kFlag},        {"no-subreaper", 0, kFlag, In::kCrun},
    {"pid-file", 0, kValue},       {"pidfd-socket", 0, kValue, In::kRunc},
    {"preserve-fds", 0, kValue},
};

constexpr Option kRun[] = {
    {"bundle", 'b', kValue},       {"config", 'f', kValue, In::kCrun},
    {"console-socket", 0, kValue}, {"detach", 'd', kFlag},
    {"keep", 0, kFlag, In::kRunc}, {"no-new-keyring", 0, kFlag},
    {"no-pivot", 0, kFlag},        {"no-subreaper", 0, kFlag},
    {"pid-file", 0, kValue},       {"pidfd-socket", 0, kValue, In::kRunc},
    {"preserve-fds", 0, kValue},
};

constexpr Option kRestore[] = {
    {"auto-dedup", 0, kFlag, In::kRunc},
    {"bundle", 'b', kValue},
    {"console-socket", 0, kValue},
    {"detach", 'd', kFlag},
    {"empty-ns", 0, kList, In::kRunc},
    {"ext-unix-sk", 0, kFlag},
    {"file-locks", 0, kFlag},
    {"image-path", 0, kValue},
    {"lazy-pages", 0, kFlag, In::kRunc},
    {"lsm-mount-context", 0, kValue},
    {"lsm-profile", 0, kValue},
    {"manage-cgroups-mode", 0, kValue},
    {"no-pivot", 0, kFlag, In::kRunc},
    {"no-subreaper", 0, kFlag, In::kRunc},
    {"pid-file", 0, kValue},
    {"shell-job", 0, kFlag},
    {"tcp-established", 0, kFlag},
    {"work-path", 0, kValue},
};

constexpr Option kExec[] = {
    {"additional-gids", 'g', kList, In::kRunc},
    {"apparmor", 0, kValue},
    {"cap", 'c', kList},
    {"cgroup", 0, kList},  // crun takes the last
    {"console-socket", 0, kValue},
    {"cwd", 0, kValue},
    {"detach", 'd', kFlag},
    {"env", 'e', kList},
    {"ignore-paused", 0, kFlag, In::kRunc},
    {"no-new-privs", 0, kFlag},
    {"pid-file", 0, kValue},
    {"pidfd-socket", 0, kValue, In::kRunc},
    {"preserve-fds", 0, kValue},
    {"process", 'p', kValue},
    {"process-label", 0, kValue},
    {"tty", 't', kFlag, In::kRunc},
    {"tty", 't', Arity::kOptional, In::kCrun},
    {"user", 'u', kValue},
};

constexpr Option kUpdate[] = {
    {"blkio-weight", 0, kValue},
    {"cpu-period", 0, kValue},
    {"cpu-quota", 0, kValue},
    {"cpu-rt-period", 0, kValue},
    {"cpu-rt-runtime", 0, kValue},
    {"cpu-share", 0, kValue},
    {"cpuset-cpus", 0, kValue},
    {"cpuset-mems", 0, kValue},
    {"kernel-memory", 0, kValue},
    {"kernel-memory-tcp", 0, kValue},
    {"l3-cache-schema", 0, kValue, In::kRunc},
    {"mem-bw-schema", 0, kValue, In::kRunc},
    {"memory", 0, kValue},
    {"memory-reservation", 0, kValue},
    {"memory-swap", 0, kValue},
    {"pids-limit", 0, kValue},
    {"resources", 'r', kValue},
};

constexpr Option kDelete[] = {{"force", 'f', kFlag}, {"regex", 'r', kFlag, In::kCrun}};
constexpr Option kEvents[] = {{"interval", 0, kValue, In::kRunc}, {"stats", 0, kFlag, In::kRunc}};
constexpr Option kKill[] = {{"all", 'a', kFlag}, {"regex", 'r', kFlag, In::kCrun}};
constexpr Option kList_[] = {{"format", 'f', kValue}, {"quiet", 'q', kFlag}};
constexpr Option kPs[] = {{"format", 'f', kValue}};
constexpr Option kSpec[] = {
    {"bundle", 'b', kValue}, {"file", 'f', kValue, In::kCrun}, {"rootless", 0, kFlag}};

// runc's "init" is missing on purpose: it calls itself by /proc/self/exe, nobody else may.
constexpr Subcommand kSubcommands[] = {
    {"checkpoint", kCheckpoint, Gate::kCheckpoint, In::kBoth},
    {"create", kCreate, Gate::kStart, In::kBoth},
    {"delete", kDelete, Gate::kDelete, In::kBoth},
    {"events", kEvents, Gate::kPass, In::kRunc},
    {"exec", kExec, Gate::kExec, In::kBoth, 1, kAnyNumber, true, true},
    {"features", {}, Gate::kPass, In::kBoth, 0, 0, false},
    {"h", {}, Gate::kPass, In::kRunc, 0, 1, false},
    {"help", {}, Gate::kPass, In::kRunc, 0, 1, false},
    {"kill", kKill, Gate::kPass, In::kBoth, 1, 2},
    {"list", kList_, Gate::kPass, In::kBoth, 0, 0, false},
    {"pause", {}, Gate::kPass, In::kBoth},
    {"ps", kPs, Gate::kPass, In::kBoth, 1, kAnyNumber, true, true},
    {"restore", kRestore, Gate::kStart, In::kBoth},
    {"resume", {}, Gate::kPass, In::kBoth},
    {"run", kRun, Gate::kStart, In::kBoth},
    {"spec", kSpec, Gate::kPass, In::kBoth, 0, 0, false},
    {"start", {}, Gate::kBegin, In::kBoth},
    {"state", {}, Gate::kPass, In::kBoth},
    {"update", kUpdate, Gate::kUpdate, In::kBoth},
};

}  // namespace

std::span<const Option> GlobalOptions() { return kGlobals; }
std::span<const Subcommand> Subcommands() { return kSubcommands; }

bool Knows(In in, Grammar grammar) {
  if (in == In::kBoth || grammar == Grammar::kUnknown) return true;
  return (grammar == Grammar::kRunc) == (in == In::kRunc);
}

const Option* FindOption(std::span<const Option> options, std::string_view name, Grammar grammar) {
  for (const Option& option : options) {
    if (option.name == name && Knows(option.in, grammar)) return &option;
  }
  return nullptr;
}

const Option* FindLetter(std::span<const Option> options, char letter, Grammar grammar) {
  for (const Option& option : options) {
    if (letter != '\0' && option.letter == letter && Knows(option.in, grammar)) return &option;
  }
  return nullptr;
}

const Subcommand* FindSubcommand(std::string_view name, Grammar grammar) {
  for (const Subcommand& subcommand : kSubcommands) {
    if (subcommand.name == name && Knows(subcommand.in, grammar)) return &subcommand;
  }
  return nullptr;
}

}  // namespace runward
