#pragma once

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace runward {

// Work in a child that stands still before and after each of its system calls, to be killed there
// or to have the call fail.
class TracedChild {
 public:
  template <typename Work>
  explicit TracedChild(const Work& work) : pid_(fork()) {
    if (pid_ == 0) {
      ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      raise(SIGSTOP);
      static_cast<void>(work());
      _exit(0);
    }
    waitpid(pid_, &status_, 0);
    ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  }
  TracedChild(const TracedChild&) = delete;
  TracedChild& operator=(const TracedChild&) = delete;
  ~TracedChild() { (void)Kill(); }

  // To the next stop: on the way into a call, or out of it. False once the child has ended.
  bool Step() {
    if (ended()) return false;
    ptrace(PTRACE_SYSCALL, pid_, nullptr, nullptr);
    waitpid(pid_, &status_, 0);
    return !ended();
  }

  // SIGKILL comes before a call that it stands in front of. Whether it ended by that.
  bool Kill() {
    if (ended()) return false;
    kill(pid_, SIGKILL);
    waitpid(pid_, &status_, 0);
    return WIFSIGNALED(status_);
  }

  // Lets it go on to its end. Whether it got there, rather than being killed by something.
  bool Finish() {
    while (Step()) {
    }
    return WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
  }

#ifdef __x86_64__
  // Of the call that it stands in front of.
  long Call() { return static_cast<long>(Registers().orig_rax); }
  long Third() { return static_cast<long>(Registers().rdx); }
  // Makes it a call with another third argument: of a write, how much.
  void SetThird(long value) {
    user_regs_struct registers = Registers();
    registers.rdx = static_cast<unsigned long long>(value);
    ptrace(PTRACE_SETREGS, pid_, nullptr, &registers);
  }
  // Does not make the call that it stands in front of: it ends at once with this error.
  void Fail(int error) {
    user_regs_struct registers = Registers();
    registers.orig_rax = static_cast<unsigned long long>(-1);
    ptrace(PTRACE_SETREGS, pid_, nullptr, &registers);
    if (!Step()) return;
    registers = Registers();
    registers.rax = static_cast<unsigned long long>(-error);
    ptrace(PTRACE_SETREGS, pid_, nullptr, &registers);
  }
#endif

 private:
  [[nodiscard]] bool ended() const { return WIFEXITED(status_) || WIFSIGNALED(status_); }
#ifdef __x86_64__
  user_regs_struct Registers() {
    user_regs_struct registers{};
    ptrace(PTRACE_GETREGS, pid_, nullptr, &registers);
    return registers;
  }
#endif

  pid_t pid_;
  int status_ = 0;
};

}  // namespace runward
