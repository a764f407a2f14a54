#include "agent/proof_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <string>
#include <string_view>

namespace runward {
namespace {

constexpr char kHolds = 'h';
constexpr char kFails = 'f';

// One write, which a pipe takes whole.
std::string Answer(const Result<void>& found) {
  if (found.ok()) return {kHolds};
  std::string text{kFails};
  text.append(found.error().message).append(1, '\0').append(found.error().hint);
  text.resize(std::min<size_t>(text.size(), PIPE_BUF));
  return text;
}

Result<void> Found(std::string_view answer) {
  if (answer == std::string_view(&kHolds, 1)) return {};
  if (answer.empty() || answer.front() != kFails) {
    return Error{"the process that was to prove it has ended", "start the container again"};
  }
  answer.remove_prefix(1);
  const size_t end = std::min(answer.find('\0'), answer.size());
  return Error{std::string(answer.substr(0, end)),
               std::string(answer.substr(std::min(end + 1, answer.size())))};
}

}  // namespace

Result<std::unique_ptr<ProofProcess>> ProofProcess::Begin(Poller& poller, const Work& work,
                                                          Done done) {
  std::unique_ptr<ProofProcess> one(new ProofProcess(poller, std::move(done)));
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return ErrnoError("make a pipe", errno);
  one->answer_ = UniqueFd(ends[0]);
  const UniqueFd theirs(ends[1]);
  const pid_t parent = getpid();
  one->child_ = fork();
  if (one->child_ < 0) return ErrnoError("make a process", errno);
  if (one->child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    const std::string answer = Answer(work());
    _exit(write(theirs.get(), answer.data(), answer.size()) < 0 ? 1 : 0);
  }
  ProofProcess* self = one.get();
  TRY(poller.Add(self->answer_.get(), [self] { self->Finish(); }));
  return one;
}

ProofProcess::~ProofProcess() { End(); }

void ProofProcess::End() {
  if (answer_.valid()) poller_.Remove(answer_.get());
  answer_ = UniqueFd();
  if (child_ <= 0) return;
  kill(child_, SIGKILL);
  while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
}

void ProofProcess::Finish() {
  std::array<char, PIPE_BUF> bytes{};
  const ssize_t size = read(answer_.get(), bytes.data(), bytes.size());
  if (size < 0 && errno == EAGAIN) return;
  End();
  const Result<void> found = Found({bytes.data(), size < 0 ? 0 : static_cast<size_t>(size)});
  const Done done = std::move(done_);
  done(found);
}

}  // namespace runward
