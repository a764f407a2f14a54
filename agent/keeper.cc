#include "agent/keeper.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>

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
  const sigset_t set = Signals();
  timespec rest{.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1'000'000};
  int status = 0;
  if (waitpid(worker, &status, WNOHANG) == worker) return status;
  sigtimedwait(&set, nullptr, &rest);
  if (waitpid(worker, &status, WNOHANG) == worker) return status;
  return std::nullopt;
}

enum class Why { kWorkerDone, kWorkerDied, kToldToStop };

// Waits for the worker's end or for a signal.
Why Wait(pid_t worker) {
  const sigset_t set = Signals();
  for (;;) {
    const int number = sigwaitinfo(&set, nullptr);
    if (number == SIGTERM || number == SIGINT) return Why::kToldToStop;
    int status = 0;
    if (waitpid(worker, &status, WNOHANG) != worker) continue;
    const bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return done ? Why::kWorkerDone : Why::kWorkerDied;
  }
}

// The keeper's part; nullopt when the worker has to be replaced.
std::optional<int> Keep(pid_t worker, const UniqueFd& told) {
  const Why why = Wait(worker);
  if (why == Why::kWorkerDone) return 0;
  if (why == Why::kToldToStop) {
    (void)!write(told.get(), "q", 1);
    constexpr int64_t kPatience = 1000;  // milliseconds
    (void)StatusWithin(worker, kPatience);
    return 0;
  }
  constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 20'000'000};  // one that dies at once
  nanosleep(&kPause, nullptr);
  return std::nullopt;
}

// The worker's; nullopt when it has to take its keeper's place.
std::optional<int> DoWork(const Paths& paths, const AgentOptions& options, Kept& kept,
                          const UniqueFd& keeper, bool& stopping) {
  const Result<WorkEnd> end = Work(paths, options, kept, keeper.get(), stopping);
  if (!end.ok()) return Report(end.error());
  if (end.value() == WorkEnd::kDone) return 0;
  stopping |= end.value() == WorkEnd::kKeeperStopped;
  return std::nullopt;
}

}  // namespace

int KeepAndWork(const Paths& paths, const AgentOptions& options, Kept kept) {
  const sigset_t set = Signals();
  sigprocmask(SIG_BLOCK, &set, nullptr);  // in the worker too: its keeper tells it to stop
  bool stopping = false;
  std::optional<int> status;
  while (!status) {
    Result<Pipe> pipe = MakePipe();
    if (!pipe.ok()) return Report(pipe.error());
    const pid_t worker = fork();
    if (worker < 0) return Report(ErrnoError("make a worker", errno));
    (worker == 0 ? pipe.value().writing : pipe.value().reading) = UniqueFd();
    status = worker == 0 ? DoWork(paths, options, kept, pipe.value().reading, stopping)
                         : Keep(worker, pipe.value().writing);
  }
  return *status;
}

}  // namespace runward
