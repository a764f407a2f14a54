#include "agent/calling_task.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "agent/path_walk.h"
#include "agent/process_view.h"

namespace runward {
namespace {

// execveat(2), of the programs whose calls are notified.
bool IsAt(const NotifiedCall& call) {
  constexpr int kX32 = 0x40000000;
  if (call.arch == AUDIT_ARCH_I386) return call.number == 358;
  if (call.arch == AUDIT_ARCH_ARM) return call.number == 387;
  return call.number == SYS_execveat || call.number == (kX32 | 545);
}

// By the kernel, which stays beneath the task's root, and does not follow what leads elsewhere.
UniqueFd OpenPlainly(int directory, const std::string& path, uint64_t within) {
  open_how how{.flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = within | RESOLVE_NO_MAGICLINKS};
  return UniqueFd(
      static_cast<int>(syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how)));
}

bool HasParent(const std::string& path) {
  return ("/" + path + "/").find("/../") != std::string::npos;
}

CalledFile Regular(UniqueFd file) {
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return {.file = {}, .error = errno};
  if (!S_ISREG(info.st_mode)) return {.file = {}, .error = EISDIR};
  return {.file = std::move(file), .error = 0};
}

}  // namespace

std::optional<CallingTask> CallingTask::Of(pid_t task) {
  if (task <= 0) return std::nullopt;
  CallingTask calling(task);
  const std::string memory = "/proc/" + std::to_string(task) + "/mem";
  calling.memory_ = UniqueFd(open(memory.c_str(), O_RDONLY | O_CLOEXEC));
  calling.root_ = calling.Open("root");
  if (!calling.memory_.valid() || !calling.root_.valid()) return std::nullopt;
  return calling;
}

UniqueFd CallingTask::Open(const std::string& place) const {
  const std::string path = "/proc/" + std::to_string(task_) + "/" + place;
  return UniqueFd(open(path.c_str(), O_PATH | O_CLOEXEC));
}

CalledFile CallingTask::Resolve(UniqueFd base, const std::string& path) const {
  if (path.empty()) return {.file = {}, .error = ENOENT};
  if (path.size() >= PATH_MAX) return {.file = {}, .error = ENAMETOOLONG};
  const bool absolute = path.front() == '/';
  if (absolute) {
    UniqueFd file = OpenPlainly(root_.get(), path, RESOLVE_IN_ROOT);
    if (file.valid()) return Regular(std::move(file));
    base = UniqueFd(openat(root_.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  } else if (base.valid() && !HasParent(path)) {
    UniqueFd file = OpenPlainly(base.get(), path, RESOLVE_BENEATH);
    if (file.valid()) return Regular(std::move(file));
  }
  if (!base.valid()) return {.file = {}, .error = EBADF};
  const NamespaceNumbers own = InnermostNumbersOf(task_);
  int error = 0;
  UniqueFd file = PathWalk(root_.get(), own.process, own.thread).From(std::move(base), path, error);
  if (!file.valid()) return {.file = {}, .error = error};
  return Regular(std::move(file));
}

CalledFile CallingTask::FileAt(const std::string& path) const {
  return Resolve(path.starts_with('/') ? UniqueFd() : Open("cwd"), path);
}

CalledFile CallingTask::FileOf(const NotifiedCall& call) const {
  const bool at = IsAt(call);
  const std::string path = TextAt(memory_.get(), call.args[at ? 1 : 0], PATH_MAX);
  if (!at) return FileAt(path);
  const auto directory = static_cast<int>(call.args[0]);
  const bool itself = path.empty() && (call.args[4] & AT_EMPTY_PATH) != 0;
  if (directory == AT_FDCWD) return FileAt(itself ? "." : path);
  if (path.starts_with('/')) return FileAt(path);
  UniqueFd base = Open("fd/" + std::to_string(directory));
  if (!base.valid()) return {.file = {}, .error = EBADF};
  return itself ? Regular(std::move(base)) : Resolve(std::move(base), path);
}

std::string InterpreterOf(int file) {
  constexpr size_t kFirst = 256;  // BINPRM_BUF_SIZE
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  const UniqueFd readable(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::array<char, kFirst> bytes{};
  const ssize_t size = pread(readable.get(), bytes.data(), bytes.size(), 0);
  std::string_view line(bytes.data(), size > 0 ? static_cast<size_t>(size) : 0);
  if (!line.starts_with("#!")) return "";
  line = line.substr(2, line.find('\n') - 2);
  const size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) return "";
  line.remove_prefix(start);
  return std::string(line.substr(0, line.find_first_of(std::string_view(" \t\0", 3))));
}

}  // namespace runward
