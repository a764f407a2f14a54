#include "agent/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>

#include "agent/work_lock.h"

namespace runward {
namespace {

int Report(const Error& error) {
  std::fprintf(stderr, "runward-agent: %s%s%s\n", error.message.c_str(),
               error.hint.empty() ? "" : ". Next: ", error.hint.c_str());
  return 1;
}

struct Pipe {
  UniqueFd reading;
  UniqueFd writing;
};

Result<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoError("make a pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

sigset_t Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&set, number);
  return set;
}

// Of a worker that has ended within the time; nullopt when it has not.
std::optional<int> StatusWithin(pid_t worker, int64_t milliseconds) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  timespec rest{.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1'000'000};
  int status = 0;
  if (waitpid(worker, &status, WNOHANG) == worker) return status;
  sigtimedwait(&set, nullptr, &rest);
  if (waitpid(worker, &status, WNOHANG) == worker) return status;
  return std::nullopt;
}

enum class Why { kWorkerDone, kWorkerDied, kWorkerHeld, kToldToStop };

// Also of earlier ones, which had been given up and have ended now; nullopt while this one lives.
std::optional<int> Reap(pid_t worker) {
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended == worker) return status;
    if (ended <= 0) return std::nullopt;
  }
}

// Waits for the worker's end, for a signal, or for its look at a container to take too long.
Result<Why> Wait(pid_t worker, const Looks& looks) {
  const sigset_t set = Signals();
  const UniqueFd signals(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) return ErrnoError("wait for signals", errno);
  for (;;) {
    if (const auto status = Reap(worker)) {
      const bool done = WIFEXITED(*status) && WEXITSTATUS(*status) == 0;
      return done ? Why::kWorkerDone : Why::kWorkerDied;
    }
    std::array<pollfd, 2> files = {
        {{.fd = signals.get(), .events = POLLIN}, {.fd = looks.timer(), .events = POLLIN}}};
    if (poll(files.data(), files.size(), -1) < 0 && errno != EINTR) {
      return ErrnoError("wait for the worker", errno);
    }
    signalfd_siginfo signal{};
    const bool told = read(signals.get(), &signal, sizeof signal) == sizeof signal;
    if (told && signal.ssi_signo != SIGCHLD) return Why::kToldToStop;
    if (looks.Overdue()) return Why::kWorkerHeld;
  }
}

// Kills it; one that does not end is left to itself, and harms nobody any more: it can do nothing
// but end.
void GiveUp(pid_t worker, const Paths& paths) {
  constexpr int64_t kPatience = 100;  // milliseconds
  kill(worker, SIGKILL);
  if (!StatusWithin(worker, kPatience)) AbandonWork(paths);
}

// The keeper's part; nullopt when the worker has to be replaced.
std::optional<int> Keep(pid_t worker, const Paths& paths, const UniqueFd& told,
                        const Looks& looks) {
  const Result<Why> why = Wait(worker, looks);
  if (!why.ok()) return Report(why.error());
  if (why.value() == Why::kWorkerDone) return 0;
  if (why.value() == Why::kToldToStop) {
    (void)!write(told.get(), "q", 1);
    constexpr int64_t kPatience = 1000;  // milliseconds
    (void)StatusWithin(worker, kPatience);
    return 0;
  }
  if (why.value() == Why::kWorkerHeld) GiveUp(worker, paths);
  constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 20'000'000};  // one that dies at once
  nanosleep(&kPause, nullptr);
  return std::nullopt;
}

// The worker's; nullopt when it has to take its keeper's place.
std::optional<int> DoWork(const Paths& paths, const AgentOptions& options, Kept& kept, Looks& looks,
                          const UniqueFd& keeper, bool& stopping) {
  const Result<WorkEnd> end = Work(paths, options, kept, looks, keeper.get(), stopping);
  if (!end.ok()) return Report(end.error());
  if (end.value() == WorkEnd::kDone) return 0;
  stopping |= end.value() == WorkEnd::kKeeperStopped;
  return std::nullopt;
}

}  // namespace

int KeepAndWork(const Paths& paths, const AgentOptions& options, Kept kept) {
  const sigset_t set = Signals();
  sigprocmask(SIG_BLOCK, &set, nullptr);  // in the worker too: its keeper tells it to stop
  Result<Looks> looks = Looks::Make();
  if (!looks.ok()) return Report(looks.error());
  bool stopping = false;
  std::optional<int> status;
  while (!status) {
    Result<Pipe> pipe = MakePipe();
    if (!pipe.ok()) return Report(pipe.error());
    const pid_t worker = fork();
    if (worker < 0) return Report(ErrnoError("make a worker", errno));
    (worker == 0 ? pipe.value().writing : pipe.value().reading) = UniqueFd();
    status = worker == 0
                 ? DoWork(paths, options, kept, looks.value(), pipe.value().reading, stopping)
                 : Keep(worker, paths, pipe.value().writing, looks.value());
  }
  return *status;
}

}  // namespace runward
