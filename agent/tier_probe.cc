#include "agent/tier_probe.h"

#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "agent/call_shelf.h"
#include "agent/fanotify_group.h"
#include "agent/seccomp_listener.h"
#include "base/fd.h"

namespace runward {
namespace {

constexpr int kPatience = 2000;  // milliseconds; a child does nothing that takes one
constexpr const char* kOwn = "/proc/self/exe";
constexpr const char* kNowhere = "/proc/self/runward-no-such-file";

bool Readable(int file) {
  pollfd ready{.fd = file, .events = POLLIN, .revents = 0};
  return poll(&ready, 1, kPatience) == 1 && (ready.revents & POLLIN) != 0;
}

// A child, which ends as `deed` says, or is killed with this.
class Child {
 public:
  template <typename Deed>
  explicit Child(const Deed& deed) : pid_(fork()) {
    if (pid_ == 0) _exit(deed());
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    (void)Status();
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  // What it exits with; -1 for no such end.
  int Status() {
    int status = 0;
    const pid_t child = std::exchange(pid_, -1);
    if (child <= 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
};

int ErrorOfExecuting(const char* path) {
  char* const words[] = {const_cast<char*>("runward-agent"), const_cast<char*>("--version"),
                         nullptr};
  char* const none[] = {nullptr};
  execve(path, words, none);
  return errno;
}

// Notifies what this process executes; its listener, or nothing.
std::optional<UniqueFd> Confine() {
  const CHandle<void, seccomp_release> filter(seccomp_init(SCMP_ACT_ALLOW));
  if (filter == nullptr || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return std::nullopt;
  if (seccomp_rule_add(filter.get(), SCMP_ACT_NOTIFY, SCMP_SYS(execve), 0) != 0 ||
      seccomp_load(filter.get()) != 0) {
    return std::nullopt;
  }
  return UniqueFd(seccomp_notify_fd(filter.get()));
}

// What the child does: hands its listener over, and executes twice.
int BeAsked(int shelf) {
  {
    const std::optional<UniqueFd> listener = Confine();
    if (!listener || !CallShelf(shelf, -1).Put(listener->get(), "probe")) return 1;
  }
  if (ErrorOfExecuting(kNowhere) != EPERM) return 2;
  return ErrorOfExecuting(kNowhere) == ENOENT ? 0 : 3;
}

Result<void> AnswerOne(CallReceiver& receiver, int listener, int error) {
  if (!Readable(listener)) return Error{"the kernel notifies nobody of system calls", ""};
  const std::optional<NotifiedCall> call = receiver.Take(listener);
  if (call && receiver.Answer(listener, call->id, error)) return {};
  return Error{"the kernel takes no answer about a system call", ""};
}

}  // namespace

Result<void> ProveFanotify() {
  const UniqueFd group = TRY(OpenFanotify());
  TRY(WatchFile(group.get(), kOwn));
  Child child([] { return ErrorOfExecuting(kOwn) == EPERM ? 0 : 1; });
  bool asked = false;
  for (int turn = 0; turn < 64 && !asked && Readable(group.get()); ++turn) {
    TRY(AnswerTries(group.get(), [&](const OpenTry& what) {
      const bool own = what.task == child.pid() && what.execute;
      asked |= own;
      return !own;
    }));
  }
  if (asked && child.Status() == 0) return {};
  return Error{"fanotify is asked, and does not deny", ""};
}

Result<void> ProveNotification() {
  const ShelfEnds shelf = TRY(CallShelf::Make());
  const UniqueFd memory = TRY(CallReceiver::MakeMemory());
  CallReceiver receiver = TRY(CallReceiver::Over(memory.get()));
  Child child([&shelf] { return BeAsked(shelf.in.get()); });
  UniqueFd listener;
  if (Readable(shelf.out.get())) {
    CallShelf(shelf.in.get(), shelf.out.get()).Sort([&](int file, const std::string&) {
      listener = UniqueFd(fcntl(file, F_DUPFD_CLOEXEC, 0));
      return false;
    });
  }
  if (!listener.valid()) return Error{"the kernel gives no listener for system calls", ""};
  TRY(AnswerOne(receiver, listener.get(), EPERM));
  TRY(AnswerOne(receiver, listener.get(), 0));
  if (child.Status() != 0) return Error{"seccomp notification does not deny", ""};
  pollfd ended{.fd = listener.get(), .events = POLLIN, .revents = 0};
  if (poll(&ended, 1, kPatience) == 1 && (ended.revents & POLLHUP) != 0) return {};
  return Error{"the kernel does not tell when the last process has ended that it asks about", ""};
}

}  // namespace runward
