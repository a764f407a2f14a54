// Other names and other places for the denied file.
#include <fcntl.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/agent/attack.h"

namespace runward::attack {
namespace {

std::string In(const Place& place, const char* name) { return place.writable + "/" + name; }

Score Symlink(const Place& place) {
  std::string path = In(place, "symlink");
  unlink(path.c_str());
  (void)!symlink(place.denied.c_str(), path.c_str());
  return Once([&] { Execute(path); });
}

// On an overlay either copies the file up.
Score Hardlink(const Place& place) {
  std::string path = place.denied + "-linked";
  (void)!link(place.denied.c_str(), path.c_str());
  Score score = Once([&] { Execute(path); });
  unlink(path.c_str());
  return score;
}

Score Rename(const Place& place) {
  std::string path = place.denied + "-renamed";
  (void)!rename(place.denied.c_str(), path.c_str());
  Score score = Once([&] { Execute(path); });
  (void)!rename(path.c_str(), place.denied.c_str());
  return score;
}

Score Copy(const Place& place) {
  Score score;
  for (const std::string& dir : place.places) {
    std::string path = dir + "/copied";
    if (!CopyTo(place.denied, path)) continue;
    score.ran += Once([&] { Execute(path); }).ran;
    score.tries++;
    unlink(path.c_str());
  }
  return score;
}

// Under the name of what is allowed, beside it.
Score CopyAsAllowed(const Place& place) {
  std::string path = place.writable + place.allowed;
  CopyTo(place.denied, path);
  return Once([&] { Execute(path, {place.allowed}); });
}

Score ProcRoot(const Place& place) {
  return Once([&] { Execute("/proc/self/root" + place.denied); });
}

Score ProcCwd(const Place& place) {
  return Once([&] {
    (void)!chdir("/");
    Execute("/proc/self/cwd" + place.denied);
  });
}

Score ProcFd(const Place& place) {
  return Once([&] {
    int fd = open(place.denied.c_str(), O_RDONLY);  // NOLINT(android-cloexec-open): executed by it
    Execute("/proc/self/fd/" + std::to_string(fd));
  });
}

// Makes the denied file the one that /proc/self/exe names, then executes that.
Score ProcExe(const Place& place) {
  return Once([&] {
    int fd = open(place.denied.c_str(), O_RDONLY | O_CLOEXEC);
    prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0);
    int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat now = {};
    struct stat denied = {};
    if (fstat(exe, &now) != 0 || fstat(fd, &denied) != 0 || now.st_ino != denied.st_ino) return;
    Execute("/proc/self/exe");
  });
}

Score Unlinked(const Place& place) {
  return Once([&] {
    std::string path = In(place, "unlinked");
    CopyTo(place.denied, path);
    int fd = open(path.c_str(), O_PATH | O_CLOEXEC);
    unlink(path.c_str());
    Execute("/proc/self/fd/" + std::to_string(fd));
  });
}

Score Tmpfile(const Place& place) {
  Score score;
  for (const std::string& dir : place.places) {
    int code = InChild([&] {
      std::string content = Content(place.denied);
      int fd = open(dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0755);
      if (write(fd, content.data(), content.size()) < 0) return;
      std::string again = "/proc/self/fd/" + std::to_string(fd);
      int code_fd = open(again.c_str(), O_RDONLY | O_CLOEXEC);
      close(fd);
      Execute("/proc/self/fd/" + std::to_string(code_fd));
    });
    score.ran += code == kPayload ? 1 : 0;
    score.tries++;
  }
  return score;
}

Score Overwrite(const Place& place) {
  // What was there stays as it was: a copy of it is what is written over and moved into its place.
  std::string kept = Content(place.allowed);
  CopyTo(place.denied, place.allowed);
  Score score = Once([&] { Execute(place.allowed); });
  int fd = open(place.allowed.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  (void)!write(fd, kept.data(), kept.size());
  close(fd);
  return score;
}

Score Shebang(const Place& place) {
  std::string path = In(place, "new-script");
  WriteScript(path, place.denied);
  return Once([&] { Execute(path); });
}

Score ShebangNested(const Place& place) {
  std::string inner = In(place, "inner-script");
  std::string outer = In(place, "outer-script");
  WriteScript(inner, place.denied);
  WriteScript(outer, inner);
  return Once([&] { Execute(outer); });
}

Score ShebangImage(const Place& place) {
  return Once([&] { Execute(place.script); });
}

Score Direct(const Place& place) {
  return Once([&] { Execute(place.denied); });
}

}  // namespace

std::vector<Technique> FileTechniques() {
  return {{"direct", Direct},
          {"symlink", Symlink},
          {"hardlink", Hardlink},
          {"proc-root", ProcRoot},
          {"proc-cwd", ProcCwd},
          {"proc-fd", ProcFd},
          {"proc-exe", ProcExe},
          {"copy", Copy},
          {"copy-as-allowed", CopyAsAllowed},
          {"unlinked", Unlinked},
          {"tmpfile", Tmpfile},
          {"shebang", Shebang},
          {"shebang-nested", ShebangNested},
          {"shebang-image", ShebangImage},
          {"overwrite", Overwrite},
          {"rename", Rename}};
}

}  // namespace runward::attack
