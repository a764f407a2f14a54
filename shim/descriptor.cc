#include "shim/descriptor.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace runward {
namespace {

// Below the customary limit of 1024, above what engines hand to a container.
constexpr int kHandedOn = 512;

}  // namespace

std::optional<int> NamedDescriptor(std::string_view path) {
  if (path == "/dev/stdin") return STDIN_FILENO;
  for (const std::string_view directory : {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"}) {
    if (!path.starts_with(directory)) continue;
    const std::string_view digits = path.substr(directory.size());
    int fd = -1;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), fd);
    if (error == std::errc() && end == digits.end() && fd >= 0) return fd;
  }
  return std::nullopt;
}

Result<UniqueFd> InMemory(const std::string& text) {
  UniqueFd fd(memfd_create("runward-checked", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return ErrnoError("create a file in memory", errno);
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(fd.get(), text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoError("write a file in memory", errno);
    done += static_cast<size_t>(written);
  }
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return ErrnoError("seal a file in memory", errno);
  }
  if (lseek(fd.get(), 0, SEEK_SET) != 0) return ErrnoError("rewind a file in memory", errno);
  return fd;
}

Result<std::string> HandOn(const UniqueFd& fd) {
  // Without FD_CLOEXEC, and left open: the real runtime is this process.
  int kept = fcntl(fd.get(), F_DUPFD, kHandedOn);
  if (kept < 0 && errno == EINVAL) kept = fcntl(fd.get(), F_DUPFD, 0);  // a lower limit: ulimit -n
  if (kept < 0) return ErrnoError("keep a file in memory open", errno);
  return "/proc/self/fd/" + std::to_string(kept);
}

}  // namespace runward
