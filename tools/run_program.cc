#include "tools/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>

#include "base/fd.h"

namespace runward {
namespace {

constexpr size_t kMaxOutput = size_t{64} << 10;

constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
using Clock = std::chrono::steady_clock;

// Milliseconds that are left, for poll; -1 when there is no end.
int Left(std::optional<Clock::time_point> end) {
  if (!end) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now()).count();
  return static_cast<int>(std::max<int64_t>(left, 0));
}

// Whether there is something to read, or the end of it, before `end`.
bool AwaitOutput(int fd, std::optional<Clock::time_point> end) {
  if (end && Clock::now() > *end) return false;
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&wait, 1, Left(end));
  } while (ready < 0 && errno == EINTR);
  return ready != 0;
}

// Reads on after the cap, so that the program does not hang on a full pipe. Whether the program
// closed its end in time.
bool ReadAll(int fd, std::optional<Clock::time_point> end, std::string& text) {
  std::array<char, 4096> buffer{};
  while (AwaitOutput(fd, end)) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    if (text.size() < kMaxOutput) text.append(buffer.data(), static_cast<size_t>(got));
  }
  return false;
}

int StatusOf(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// A pipe that holds the input, whose end for reading is the program's stdin.
Result<UniqueFd> InputPipe(const std::string& input) {
  constexpr size_t kHolds = 4096;
  if (input.size() > kHolds) return Error{"the input for a program is too long", ""};
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  UniqueFd out(ends[0]);
  const UniqueFd in(ends[1]);
  const ssize_t written = write(in.get(), input.data(), input.size());
  if (written != static_cast<ssize_t>(input.size())) return ErrnoError("write to a pipe", errno);
  return out;
}

std::vector<std::string> EnvironmentFor(const ProgramSetting& setting) {
  std::vector<std::string> all = {kPath};
  if (!setting.environment) {
    all.emplace_back("LC_ALL=C.UTF-8");
    return all;
  }
  for (char** one = environ; *one != nullptr; ++one) {
    if (!std::string_view(*one).starts_with("PATH=")) all.emplace_back(*one);
  }
  return all;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Result<pid_t> Spawn(const std::vector<std::string>& words, const ProgramSetting& setting, int in,
                    int out) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  if (setting.errors_apart) {
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  } else {
    posix_spawn_file_actions_adddup2(&actions, out, 2);
  }
  const std::vector<std::string> environment = EnvironmentFor(setting);
  pid_t child = 0;
  const int failed = posix_spawn(&child, words.front().c_str(), &actions, nullptr,
                                 Pointers(words).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return ErrnoError("execute \"" + words.front() + "\"", failed);
  return child;
}

}  // namespace

Result<ProgramOutput> RunProgram(const std::vector<std::string>& words,
                                 const ProgramSetting& setting) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  const UniqueFd out(ends[0]);
  UniqueFd in(ends[1]);
  const UniqueFd input = TRY(InputPipe(setting.input));
  const pid_t child = TRY(Spawn(words, setting, input.get(), in.get()));
  in = UniqueFd();
  std::optional<Clock::time_point> end;
  if (setting.seconds > 0) end = Clock::now() + std::chrono::seconds(setting.seconds);
  ProgramOutput output;
  const bool ended = ReadAll(out.get(), end, output.text);
  if (!ended) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return ErrnoError("wait for \"" + words.front() + "\"", errno);
  }
  if (!ended) {
    return Error{
        "\"" + words.front() + "\" did not end within " + std::to_string(setting.seconds) + " s",
        ""};
  }
  output.status = StatusOf(status);
  return output;
}

}  // namespace runward
