#include "tools/typed_secret.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "base/fd.h"

namespace runward {
namespace {

constexpr size_t kMaxLine = 1024;
constexpr size_t kShortest = 8;

// No echo while it lives; signals wait, so that none leaves the terminal mute.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) {
      sigaddset(&signals, signal);
    }
    sigprocmask(SIG_BLOCK, &signals, &signals_);
    muted_ = tcgetattr(terminal, &before_) == 0;
    termios mute = before_;
    mute.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    mute.c_lflag |= ECHONL;
    muted_ = muted_ && tcsetattr(terminal, TCSAFLUSH, &mute) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (muted_) tcsetattr(terminal_, TCSAFLUSH, &before_);
    sigprocmask(SIG_SETMASK, &signals_, nullptr);
  }
  [[nodiscard]] bool muted() const { return muted_; }

 private:
  int terminal_;
  bool muted_ = false;
  termios before_{};
  sigset_t signals_{};
};

void Say(int terminal, std::string_view text) {
  if (write(terminal, text.data(), text.size()) < 0) return;  // a prompt that is lost is no harm
}

Result<LockedBytes> ReadLine(int terminal) {
  LockedBytes line = TRY(LockedBytes::Make(kMaxLine));
  // A terminal gives a line at a time.
  const ssize_t got = read(terminal, line.data(), line.size());
  if (got < 0) return ErrnoError("read from the terminal", errno);
  size_t size = static_cast<size_t>(got);
  if (size == line.size()) return Error{"what was typed is longer than 1023 bytes", ""};
  if (size > 0 && line.data()[size - 1] == '\n') --size;
  line.Shrink(size);
  return line;
}

}  // namespace

Result<LockedBytes> AskSecret(const std::string& prompt) {
  const UniqueFd terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid()) {
    return Error{"there is no terminal to ask for \"" + prompt + "\"",
                 "use a key file: --key-file FILE; a value can come by standard input"};
  }
  const Silence silence(terminal.get());
  if (!silence.muted()) return Error{"the terminal's echo cannot be turned off", ""};
  Say(terminal.get(), prompt + ": ");
  return ReadLine(terminal.get());
}

Result<LockedBytes> AskNewPassphrase(const std::string& what) {
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    LockedBytes first = TRY(AskSecret("New passphrase for " + what));
    if (first.size() < kShortest) {
      return Error{"the passphrase is shorter than 8 bytes",
                   "take several words: what is short can be tried out from a stolen file"};
    }
    const LockedBytes second = TRY(AskSecret("The same again"));
    if (first.view() == second.view()) return first;
  }
  return Error{"the two passphrases differ", ""};
}

}  // namespace runward
