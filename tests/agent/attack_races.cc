// What is decided about is changed between the decision and the deed, some thousand times.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <thread>

#include "tests/agent/attack.h"

namespace runward::attack {
namespace {

// Tries `execute`, which must only exec, while a thread of the same memory does `change`.
Score Race(const Place& place, int mark, const std::function<void()>& change,
           const std::function<void()>& execute) {
  std::atomic<bool> done = false;
  std::thread changing([&] {
    while (!done) change();
  });
  Score score;
  for (; score.tries < place.count; score.tries++) {
    // The child shares the memory, so that what the thread changes is what the kernel reads.
    pid_t child = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (child == 0) {
      execute();
      _exit(101);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) break;
    if (WIFEXITED(status) && WEXITSTATUS(status) == mark) score.ran++;
  }
  done = true;
  changing.join();
  return score;
}

struct Flip {
  char text[64] = {};
  const std::string one;
  const std::string other;
  bool now = false;
  void operator()() {
    const std::string& next = now ? one : other;
    memcpy(text, next.c_str(), next.size() + 1);
    now = !now;
  }
};

Score FlippedPath(const Place& place) {
  Flip flip = {.one = place.denied, .other = place.allowed};
  flip();
  const char* argv[] = {"x", nullptr};
  char* env[] = {nullptr};
  return Race(
      place, kPayload, [&] { flip(); },
      [&] { execve(flip.text, const_cast<char* const*>(argv), env); });
}

Score FlippedArgument(const Place& place) {
  Flip flip = {.one = place.applet, .other = place.allowed_applet};
  flip();
  const char* argv[] = {"busybox", flip.text, nullptr};
  char* env[] = {nullptr};
  return Race(
      place, 1, [&] { flip(); },
      [&] { execve(place.busybox.c_str(), const_cast<char* const*>(argv), env); });
}

// A word that the applet may not be given, which ends with 0 for it and with 1 for any other, also
// for one that the kernel copied while it was being changed. The rule is about the word alone, not
// about a pattern that it fits.
Score GivenArgument(const Place& place) {
  const std::string rest = place.word.substr(4);
  Flip flip = {.one = place.word, .other = "pass" + rest};
  flip();
  const std::string pattern = "[d]eny" + rest;
  const char* argv[] = {"busybox", "expr", flip.text, ":", pattern.c_str(), nullptr};
  char* env[] = {nullptr};
  const std::string said = place.writable + "/said";
  const int out = open(said.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const Score score = Race(
      place, 0, [&] { flip(); },
      [&] {
        dup2(out, 1);
        execve(place.busybox.c_str(), const_cast<char* const*>(argv), env);
      });
  close(out);
  return score;
}

Score Swap(const Place& place, const std::string& one, const std::string& other) {
  const char* argv[] = {"x", nullptr};
  char* env[] = {nullptr};
  return Race(
      place, kPayload,
      [&] {
        syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
      },
      [&] { execve(one.c_str(), const_cast<char* const*>(argv), env); });
}

// Links change places; on an overlay the files themselves would be copied up by that.
Score SwappedLinks(const Place& place) {
  std::string one = place.writable + "/one";
  std::string other = place.writable + "/other";
  unlink(one.c_str());
  unlink(other.c_str());
  (void)!symlink(place.denied.c_str(), one.c_str());
  (void)!symlink(place.allowed.c_str(), other.c_str());
  return Swap(place, one, other);
}

Score SwappedCopies(const Place& place) {
  std::string one = place.writable + "/first";
  std::string other = place.writable + "/second";
  CopyTo(place.denied, one);
  CopyTo(place.allowed, other);
  return Swap(place, one, other);
}

}  // namespace

std::vector<Technique> RaceTechniques() {
  return {{"flipped-path", FlippedPath},
          {"flipped-argument", FlippedArgument},
          {"given-argument", GivenArgument},
          {"swapped-links", SwappedLinks},
          {"swapped-copies", SwappedCopies}};
}

}  // namespace runward::attack
