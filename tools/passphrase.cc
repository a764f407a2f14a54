#include "tools/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/fd.h"

namespace runward {
namespace {

constexpr size_t kMost = 1024;

// Shows nothing of what is typed for as long as it lives.
class NoEcho {
 public:
  explicit NoEcho(int terminal) : terminal_(terminal) {
    if (tcgetattr(terminal, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    changed_ = tcsetattr(terminal, TCSAFLUSH, &silent) == 0;
  }
  ~NoEcho() {
    if (changed_) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  [[nodiscard]] bool ok() const { return changed_; }

 private:
  int terminal_;
  termios before_{};
  bool changed_ = false;
};

Result<std::string> ReadLine(int fd) {
  std::string line;
  line.reserve(kMost);  // it moves nowhere, so that wiping it is enough
  char c = '\0';
  while (line.size() < kMost) {
    const ssize_t got = read(fd, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read from the terminal", errno);
    if (got == 0 || c == '\n') return line;
    line += c;
  }
  return Error{"the passphrase is longer than " + std::to_string(kMost) + " bytes", ""};
}

}  // namespace

Result<std::string> AskPassphrase(const char* variable, const std::string& prompt) {
  if (const char* given = std::getenv(variable)) return std::string(given);
  const UniqueFd terminal(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid()) {
    return Error{"no passphrase: there is no terminal to ask at",
                 std::string("set ") + variable + " in the environment"};
  }
  const NoEcho silence(terminal.get());
  if (!silence.ok()) return ErrnoError("silence the terminal", errno);
  const std::string shown = prompt + ": ";
  if (write(terminal.get(), shown.data(), shown.size()) < 0) {
    return ErrnoError("write to the terminal", errno);
  }
  return ReadLine(terminal.get());
}

}  // namespace runward
