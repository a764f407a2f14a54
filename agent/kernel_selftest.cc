#include "agent/kernel_selftest.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>

#include "agent/kernel_probe.h"
#include "base/fd.h"

namespace runward {
namespace {

enum class Deed { kExecute, kMap, kProtect };
enum class Outcome { kRan, kRefused, kKilled, kOther };

constexpr int kRefusedStatus = 101;
constexpr int kOtherStatus = 102;
constexpr char kDeniedApplet[] = "runward-denied-applet";
constexpr char kOtherApplet[] = "runward-other-applet";

struct Case {
  const char* what;
  const char* name = kOtherApplet;
  Deed deed = Deed::kExecute;
  uint16_t flags = 0;  // of the program's file
  bool denied = true;
};

constexpr Case kCases[] = {
    {.what = "executing a denied file", .flags = kFileDenied},
    {.what = "executing an allowed file", .denied = false},
    {.what = "executing the loader", .flags = kFileLoader},
    {.what = "executing a denied applet", .name = kDeniedApplet, .flags = kFileMultiCall},
    {.what = "executing an allowed applet", .flags = kFileMultiCall, .denied = false},
    {.what = "mapping a denied file", .deed = Deed::kMap, .flags = kFileDenied},
    {.what = "mapping an allowed file", .deed = Deed::kMap, .denied = false},
    {.what = "making a denied file executable", .deed = Deed::kProtect, .flags = kFileDenied},
};

int StatusOf(bool done) {
  if (done) return kProbeStatus;
  return errno == EPERM ? kRefusedStatus : kOtherStatus;
}

// In the child, between clone and exec: system calls only.
[[noreturn]] void Do(const Case& test, int program, int go) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  char byte = 0;
  if (read(go, &byte, 1) != 1) _exit(kOtherStatus);
  if (test.deed == Deed::kExecute) {
    const char* argv[] = {test.name, nullptr};
    const char* envp[] = {nullptr};
    syscall(SYS_execveat, program, "", argv, envp, AT_EMPTY_PATH);
    _exit(StatusOf(false));
  }
  int prot = test.deed == Deed::kMap ? PROT_READ | PROT_EXEC : PROT_READ;
  void* at = mmap(nullptr, 4096, prot, MAP_PRIVATE, program, 0);
  if (at == MAP_FAILED) _exit(StatusOf(false));
  if (test.deed == Deed::kMap) _exit(StatusOf(true));
  _exit(StatusOf(mprotect(at, 4096, PROT_READ | PROT_EXEC) == 0));
}

Outcome Read(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return Outcome::kKilled;
  if (!WIFEXITED(status)) return Outcome::kOther;
  if (WEXITSTATUS(status) == kProbeStatus) return Outcome::kRan;
  return WEXITSTATUS(status) == kRefusedStatus ? Outcome::kRefused : Outcome::kOther;
}

Outcome Expected(KernelTier tier, const Case& test) {
  if (!test.denied) return Outcome::kRan;
  bool kill = tier == KernelTier::kKill || (test.flags & kFileMultiCall) != 0;
  return kill ? Outcome::kKilled : Outcome::kRefused;
}

std::string Words(Outcome outcome) {
  switch (outcome) {
    case Outcome::kRan:
      return "succeeded";
    case Outcome::kRefused:
      return "was refused";
    case Outcome::kKilled:
      return "was killed";
    case Outcome::kOther:
      break;
  }
  return "failed";
}

Result<void> RegisterChild(pid_t child, int program, const Case& test, KernelMaps& maps) {
  struct stat file = {};
  struct stat ns = {};
  std::string path = "/proc/" + std::to_string(child) + "/ns/pid";
  if (fstat(program, &file) != 0) return ErrnoError("fstat", errno);
  if (stat(path.c_str(), &ns) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  KernelRules rules;
  rules.files = {{.file = {.device = file.st_dev, .inode = file.st_ino}, .flags = test.flags}};
  rules.names = {{.name = kDeniedApplet}};
  return maps.Register(kSelfTestContainer, ns.st_ino, rules);
}

Result<Outcome> Try(const Case& test, KernelMaps& maps) {
  UniqueFd program = TRY(MakeProbe());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoError("pipe2", errno);
  UniqueFd wait(ends[0]);
  UniqueFd go(ends[1]);
  auto child = static_cast<pid_t>(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
  if (child < 0) return ErrnoError("clone with a new pid namespace", errno);
  if (child == 0) {
    close(go.get());  // else its own copy would keep the pipe open if the parent died
    Do(test, program.get(), wait.get());
  }
  Result<void> registered = RegisterChild(child, program.get(), test, maps);
  if (registered.ok()) [[maybe_unused]]
    ssize_t n = write(go.get(), "", 1);
  go = UniqueFd();
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  maps.Forget(kSelfTestContainer);
  if (!registered.ok()) return std::move(registered).error();
  return Read(status);
}

}  // namespace

Result<void> KernelSelfTest(KernelTier tier, KernelMaps& maps) {
  for (const Case& test : kCases) {
    if (tier == KernelTier::kKill && test.deed != Deed::kExecute) continue;
    Outcome outcome = TRY(Try(test, maps));
    Outcome expected = Expected(tier, test);
    if (outcome == expected) continue;
    return Error{"self-test of \"" + KernelTierName(tier) + "\": " + test.what + " " +
                     Words(outcome) + "; expected: " + Words(expected),
                 ""};
  }
  return {};
}

}  // namespace runward
