#include "agent/tier_probe.h"

#include <elf.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "agent/call_shelf.h"
#include "agent/exec_stage.h"
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

bool SameFile(int one, int other) {
  struct stat first {};
  struct stat second {};
  return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_ino == second.st_ino &&
         first.st_dev == second.st_dev;
}

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

std::string LinkTo(const UniqueFd& file) { return "/proc/self/fd/" + std::to_string(file.get()); }

// A file in memory, marked so that it is asked about. Nobody has it open to write: it could not be
// executed.
Result<UniqueFd> Asked(int group, const char* name, const std::string& content) {
  constexpr unsigned kExec = 0x10;  // MFD_EXEC, which kernels before 6.3 do not know
  UniqueFd written(memfd_create(name, MFD_CLOEXEC | kExec));
  if (!written.valid()) written = UniqueFd(memfd_create(name, MFD_CLOEXEC));
  if (!written.valid()) return ErrnoError("make a program in memory", errno);
  const auto size = static_cast<ssize_t>(content.size());
  if (write(written.get(), content.data(), content.size()) != size) {
    return ErrnoError("write a program into memory", errno);
  }
  UniqueFd file(open(LinkTo(written).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoError("open a program in memory", errno);
  TRY(WatchFile(group, LinkTo(file)));
  return file;
}

// A program of this machine that has nothing but an interpreter.
std::string ProgramOf(const std::string& interpreter) {
  Elf64_Ehdr header{};
  Elf64_Ehdr own{};  // of whatever this program is
  const UniqueFd exe(open(kOwn, O_RDONLY | O_CLOEXEC));
  if (read(exe.get(), &own, sizeof own) != sizeof own) return "";
  memcpy(header.e_ident, own.e_ident, sizeof header.e_ident);
  header.e_type = ET_DYN;
  header.e_machine = own.e_machine;
  header.e_version = EV_CURRENT;
  header.e_phoff = sizeof header;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_INTERP;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = interpreter.size() + 1;
  std::string text(reinterpret_cast<const char*>(&header), sizeof header);
  text.append(reinterpret_cast<const char*>(&segment), sizeof segment);
  return text.append(interpreter).append(1, '\0');
}

// Executes the file, of which the last thing that is asked about is denied; as what that was
// opened.
Result<OpenedAs> StageOfLast(int group, const UniqueFd& file, int last) {
  const std::string path = LinkTo(file);
  Child child([&] {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(group);  // as in ProveFanotify
    return ErrorOfExecuting(path.c_str()) == EPERM ? 0 : 1;
  });
  std::optional<OpenedAs> opened;
  for (int turn = 0; turn < 64 && !opened && Readable(group); ++turn) {
    TRY(AnswerTries(group, [&](const OpenTry& what) {
      if (what.task != child.pid() || !what.execute || !SameFile(what.file, last)) return true;
      opened = OpenedBy(what.task);
      return false;
    }));
  }
  if (opened && child.Status() == 0) return *opened;
  return Error{"fanotify does not ask about a program's interpreter, or does not deny it", ""};
}

}  // namespace

Result<void> ProveStages() {
  const UniqueFd group = TRY(OpenFanotify());
  const UniqueFd loader = TRY(Asked(group.get(), "runward-loader", "x"));
  const std::string program = ProgramOf(LinkTo(loader));
  const UniqueFd user = TRY(Asked(group.get(), "runward-program", program));
  const OpenedAs of_user = TRY(StageOfLast(group.get(), user, loader.get()));
  const OpenedAs by_itself = TRY(StageOfLast(group.get(), loader, loader.get()));
  if (of_user == OpenedAs::kInterpreter && by_itself == OpenedAs::kProgram) return {};
  return Error{"whether a dynamic loader is executed by itself cannot be told by /proc/PID/stack",
               "use a kernel with CONFIG_STACKTRACE, or one for which a program of "
               "runward-agent's can be loaded (see runwardctl doctor)"};
}

Result<void> ProveFanotify() {
  const UniqueFd group = TRY(OpenFanotify());
  TRY(WatchFile(group.get(), kOwn));
  Child child([&group] {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Else a child whose parent is killed now would wait for an answer of its own for ever, and
    // with it whoever executes the agent's file.
    close(group.get());
    return ErrorOfExecuting(kOwn) == EPERM ? 0 : 1;
  });
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
