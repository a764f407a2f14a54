#pragma once

#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <stdexcept>

#include "agent/call_shelf.h"
#include "base/fd.h"

namespace runward::test {

// A child whose execs a listener is asked about: does `deed` and ends with the status that it
// returns.
class NotifiedChild {
 public:
  explicit NotifiedChild(const std::function<int()>& deed) {
    ShelfEnds shelf = CallShelf::Make().value();
    pid_ = fork();
    if (pid_ == 0) {
      void* filter = seccomp_init(SCMP_ACT_ALLOW);
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      for (const int call : {SCMP_SYS(execve), SCMP_SYS(execveat)}) {
        seccomp_rule_add(filter, SCMP_ACT_NOTIFY, call, 0);
      }
      const bool loaded = seccomp_load(filter) == 0;
      const int listener = seccomp_notify_fd(filter);
      if (!loaded || !CallShelf(shelf.in.get(), -1).Put(listener, "x")) _exit(120);
      close(listener);
      shelf = {};
      _exit(deed());
    }
    pollfd ready{.fd = shelf.out.get(), .events = POLLIN, .revents = 0};
    poll(&ready, 1, 5000);
    CallShelf(shelf.in.get(), shelf.out.get()).Sort([this](int file, const std::string&) {
      listener_ = UniqueFd(fcntl(file, F_DUPFD_CLOEXEC, 0));
      return false;
    });
    if (!listener_.valid()) throw std::runtime_error("no listener");
  }
  NotifiedChild(const NotifiedChild&) = delete;
  NotifiedChild& operator=(const NotifiedChild&) = delete;
  ~NotifiedChild() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    (void)Status();
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int listener() const { return listener_.get(); }
  // Waits at most five seconds for the next call.
  [[nodiscard]] bool Asks() const {
    pollfd ready{.fd = listener_.get(), .events = POLLIN, .revents = 0};
    return poll(&ready, 1, 5000) == 1 && (ready.revents & POLLIN) != 0;
  }
  // Its end; -1 for one by a signal.
  int Status() {
    int status = 0;
    const pid_t child = std::exchange(pid_, -1);
    if (child <= 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
  }
  UniqueFd TakeListener() { return std::move(listener_); }

 private:
  pid_t pid_ = -1;
  UniqueFd listener_;
};

// errno(3) of executing it; does not return when that succeeds.
inline int Executing(const char* path) {
  char* const words[] = {const_cast<char*>("word"), nullptr};
  char* const none[] = {nullptr};
  execve(path, words, none);
  return errno;
}

}  // namespace runward::test
