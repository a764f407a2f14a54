#include "shim/delete.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/fd.h"
#include "oci/record.h"

namespace runward {
namespace {

constexpr int kSignalExit = 128;

sigset_t AllSignals() {
  sigset_t all;
  sigfillset(&all);
  // Raised by a fault of our own, not sent.
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, fault);
  return all;
}

// The child: as if this process had executed the program itself, and gone when its parent is.
struct Before {
  pid_t parent = 0;
  sigset_t mask{};
  sighandler_t on_child = SIG_DFL;
};

[[noreturn]] void BecomeRuntime(const Request& request, std::span<const std::string> argv,
                                const Before& before, int report) {
  std::signal(SIGCHLD, before.on_child);
  sigprocmask(SIG_SETMASK, &before.mask, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != before.parent) _exit(kSignalExit + SIGKILL);
  ExecRealRuntime(request.runtime, argv);
  const int error = errno;
  while (write(report, &error, sizeof error) < 0 && errno == EINTR) {
  }
  _exit(1);
}

// Waits for the child, handing on to it every signal that comes here.
int WaitFor(pid_t child, const sigset_t& signals) {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    siginfo_t info{};
    const int signal = sigwaitinfo(&signals, &info);
    // The terminal has sent its own to the whole group already.
    if (signal > 0 && signal != SIGCHLD && info.si_code != SI_KERNEL) kill(child, signal);
  }
  return WIFSIGNALED(status) ? kSignalExit + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Error DeleteThenSweep(Request& request) {
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) return ErrnoError("make a pipe", errno);
  const UniqueFd read_end(report[0]);
  UniqueFd write_end(report[1]);
  const std::vector<std::string> argv = request.call.Canonical();
  const sigset_t signals = AllSignals();
  Before before{.parent = getpid()};
  sigprocmask(SIG_BLOCK, &signals, &before.mask);
  // Where SIGCHLD was inherited as ignored, the child's exit code would be thrown away.
  before.on_child = std::signal(SIGCHLD, SIG_DFL);
  const pid_t child = fork();
  if (child < 0) return ErrnoError("make a process", errno);
  if (child == 0) BecomeRuntime(request, argv, before, write_end.get());
  write_end = UniqueFd();
  int error = 0;
  ssize_t got = 0;
  while ((got = read(read_end.get(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  const int exit_code = WaitFor(child, signals);
  sigprocmask(SIG_SETMASK, &before.mask, nullptr);
  if (got == sizeof error) {
    return ErrnoError("execute the real runtime \"" + request.runtime.resolved + "\"", error);
  }
  SweepRecords(request.paths, request.root, request.call.id());
  _exit(exit_code);
}

}  // namespace runward
