// Other system calls than execve, and their 32-bit forms.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "tests/agent/attack.h"

namespace runward::attack {
namespace {

char* const kNoWords[] = {nullptr};

void ExecuteAt(int dir, const char* path, int flags) {
  const char* argv[] = {"x", nullptr};
  syscall(SYS_execveat, dir, path, argv, kNoWords, flags);
}

Score AtDirectory(const Place& place) {
  return Once([&] {
    int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    ExecuteAt(dir, place.denied.c_str() + 1, 0);
  });
}

Score AtEmptyPath(const Place& place) {
  return Once(
      [&] { ExecuteAt(open(place.denied.c_str(), O_RDONLY | O_CLOEXEC), "", AT_EMPTY_PATH); });
}

Score AtOpath(const Place& place) {
  return Once(
      [&] { ExecuteAt(open(place.denied.c_str(), O_PATH | O_CLOEXEC), "", AT_EMPTY_PATH); });
}

Score AtNoFollow(const Place& place) {
  return Once([&] { ExecuteAt(AT_FDCWD, place.denied.c_str(), AT_SYMLINK_NOFOLLOW); });
}

// A root of one's own, out of which an open directory leads.
Score Chroot(const Place& place) {
  return Once([&] {
    int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (chroot(place.writable.c_str()) != 0) return;
    ExecuteAt(dir, place.denied.c_str() + 1, 0);
  });
}

Score ChrootCopy(const Place& place) {
  return Once([&] {
    CopyTo(place.denied, place.writable + "/copied");
    if (chroot(place.writable.c_str()) == 0) Execute("/copied");
  });
}

#if defined(__x86_64__)
// The 32-bit table takes pointers of 32 bits.
char* Low(const std::string& text) {
  void* at =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  memcpy(at, text.c_str(), text.size() + 1);
  return static_cast<char*>(at);
}

Score Int80(const Place& place) {
  return Once([&] {
    constexpr long kExecve = 11;
    long result = kExecve;
    // A kernel without these calls answers with a signal, which ends the child.
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"(Low(place.denied)), "c"(0L), "d"(0L)
                     : "memory");
  });
}

Score X32(const Place& place) {
  return Once([&] {
    constexpr long kExecve = 0x40000000 + 520;
    syscall(kExecve, Low(place.denied), nullptr, nullptr);
  });
}
#endif

}  // namespace

std::vector<Technique> CallTechniques() {
  std::vector<Technique> techniques = {{"execveat-dirfd", AtDirectory},
                                       {"execveat-empty-path", AtEmptyPath},
                                       {"execveat-o-path", AtOpath},
                                       {"execveat-nofollow", AtNoFollow},
                                       {"chroot", Chroot},
                                       {"chroot-copy", ChrootCopy}};
#if defined(__x86_64__)
  techniques.push_back({"int80", Int80});
  techniques.push_back({"x32", X32});
#endif
  return techniques;
}

}  // namespace runward::attack
