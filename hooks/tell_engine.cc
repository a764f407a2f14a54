#include "hooks/tell_engine.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/fd.h"
#include "base/file.h"

namespace runward {
namespace {

constexpr size_t kMaxCommandLine = size_t{1} << 20;

// Whether what is said on standard error is lost.
bool IsUnheard(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return true;
  return S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3);  // /dev/null: mem(4)
}

// The other process' own descriptor, whatever it is: a socket has no name to open it by, and a file
// opened anew would be written from its beginning.
UniqueFd DescriptorOf(pid_t process, int fd) {
  const UniqueFd handle(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  if (!handle.valid()) return {};
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_getfd, handle.get(), fd, 0)));
}

std::string CommandLineOf(pid_t process) {
  const std::string path = "/proc/" + std::to_string(process) + "/cmdline";
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return "";
  Result<std::string> text = ReadFdCapped(file.get(), kMaxCommandLine, path);
  return text.ok() ? std::move(text).value() : "";
}

}  // namespace

EngineLog EngineLogOf(std::string_view command_line) {
  constexpr std::string_view kLog = "--log=";
  constexpr std::string_view kFormat = "--log-format=";
  std::string_view log;
  std::string_view format;
  for (bool program = true; !command_line.empty(); program = false) {
    const std::string_view word = command_line.substr(0, command_line.find('\0'));
    command_line.remove_prefix(std::min(word.size() + 1, command_line.size()));
    if (program) continue;
    if (!word.starts_with("--")) break;  // the subcommand: its options are others
    if (word.starts_with(kLog)) log = word.substr(kLog.size());
    if (word.starts_with(kFormat)) format = word.substr(kFormat.size());
  }
  return EngineLogAt(log, format, /*runc=*/false);
}

void TellEngine(const std::string& refusal) {
  const pid_t runtime = getppid();
  if (!IsUnheard(STDERR_FILENO) || runtime <= 1) return;
  std::signal(SIGPIPE, SIG_IGN);
  const std::string message = Presentable(refusal);
  if (const UniqueFd fd = DescriptorOf(runtime, STDERR_FILENO); fd.valid()) {
    WriteAll(fd.get(), message + "\n");
  }
  EndLog(EngineLogOf(CommandLineOf(runtime)), message);
}

}  // namespace runward
