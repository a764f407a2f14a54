// Namespaces of one's own, and filesystems mounted there.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/agent/attack.h"

namespace runward::attack {
namespace {

void Put(const char* path, const std::string& text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  (void)!write(fd, text.data(), text.size());
  close(fd);
}

bool Enter(bool user) {
  uid_t uid = getuid();
  gid_t gid = getgid();
  if (unshare((user ? CLONE_NEWUSER : 0) | CLONE_NEWNS) != 0) return false;
  if (user) {
    Put("/proc/self/setgroups", "deny");
    Put("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1");
    Put("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
  }
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

std::string MountPoint(const Place& place) {
  std::string dir = place.writable + "/mounted";
  mkdir(dir.c_str(), 0755);
  return dir;
}

// As root of the container, and as root of a user namespace.
Score Both(const std::function<void()>& deed) {
  Score score;
  for (bool user : {false, true}) {
    score.ran += Once([&] {
                   if (Enter(user)) deed();
                 }).ran;
    score.tries++;
  }
  return score;
}

Score Tmpfs(const Place& place) {
  std::string dir = MountPoint(place);
  return Both([&] {
    if (mount("tmpfs", dir.c_str(), "tmpfs", 0, nullptr) != 0) return;
    CopyTo(place.denied, dir + "/copied");
    Execute(dir + "/copied");
  });
}

Score Overlay(const Place& place) {
  std::string dir = MountPoint(place);
  return Both([&] {
    if (mount("tmpfs", dir.c_str(), "tmpfs", 0, nullptr) != 0) return;
    for (const char* part : {"/upper", "/work", "/merged", "/lower"}) {
      mkdir((dir + part).c_str(), 0755);
    }
    CopyTo(place.denied, dir + "/lower/copied");
    std::string options =
        "lowerdir=" + dir + "/lower,upperdir=" + dir + "/upper,workdir=" + dir + "/work";
    std::string merged = dir + "/merged";
    if (mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) != 0) return;
    Execute(merged + "/copied");
  });
}

// The filesystem was there before, its mounts were not.
Score VolumesCopy(const Place& place) {
  const std::string copied = place.volume + "/copied";
  CopyTo(place.denied, copied);
  return Both([&] { Execute(copied); });
}

Score BoundVolume(const Place& place) {
  const std::string dir = MountPoint(place);
  CopyTo(place.denied, place.volume + "/copied");
  return Both([&] {
    if (mount(place.volume.c_str(), dir.c_str(), nullptr, MS_BIND, nullptr) == 0) {
      Execute(dir + "/copied");
    }
  });
}

Score BindOverAllowed(const Place& place) {
  return Both([&] {
    if (mount(place.denied.c_str(), place.allowed.c_str(), nullptr, MS_BIND, nullptr) == 0) {
      Execute(place.allowed);
    }
  });
}

Score PidNamespace(const Place& place) {
  return Once([&] {
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) return;
    _exit(InChild([&] { Execute(place.denied); }));
  });
}

// Deeper than a bounded walk would look.
Score PidNamespacesDeep(const Place& place) {
  std::function<void(int)> deeper = [&](int levels) {
    if (levels == 0 || unshare(CLONE_NEWPID) != 0) {
      Execute(place.denied);
      _exit(101);
    }
    _exit(InChild([&] { deeper(levels - 1); }));
  };
  return Once([&] { deeper(40); });
}

}  // namespace

std::vector<Technique> NamespaceTechniques() {
  return {{"namespace-tmpfs", Tmpfs},
          {"namespace-overlay", Overlay},
          {"namespace-volume", VolumesCopy},
          {"namespace-volume-bind", BoundVolume},
          {"namespace-bind", BindOverAllowed},
          {"namespace-pid", PidNamespace},
          {"namespace-pid-deep", PidNamespacesDeep}};
}

}  // namespace runward::attack
