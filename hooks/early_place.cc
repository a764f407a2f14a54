#include "hooks/early_place.h"

#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "hooks/early_json.h"

namespace runward {
namespace {

constexpr size_t kMostPath = 4096;

bool Look(int fd, struct stat& info) {
  return EarlyCall(SYS_newfstatat, fd, EarlyAddress(""), EarlyAddress(&info), AT_EMPTY_PATH) == 0;
}

bool SameInode(int a, int b) {
  struct stat one {};
  struct stat other {};
  return Look(a, one) && Look(b, other) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

EarlyFd OpenOf(int pid, std::string_view what, int flags) {
  EarlyText<64> path;
  path.Add("/proc/").Add(static_cast<unsigned long>(pid)).Add(what);
  return EarlyOpen(path.c_str(), flags);
}

// Its own name and its parent's, and nothing follows them.
bool Empty(int directory) {
  const EarlyFd readable = EarlyOpen(".", O_RDONLY | O_DIRECTORY, directory);
  // getdents64(2): inode, offset, the entry's size, its type, its name.
  constexpr long kSizeAt = 16;
  constexpr long kNameAt = 19;
  alignas(8) char buffer[256]{};
  const long got = EarlyCall(SYS_getdents64, readable.get(), EarlyAddress(buffer), sizeof buffer);
  for (long at = 0; at < got;) {
    const char* name = buffer + at + kNameAt;
    const std::string_view text(name, EarlyLength(name));
    if (!EarlySame(text, ".") && !EarlySame(text, "..")) return false;
    at += *reinterpret_cast<const unsigned short*>(buffer + at + kSizeAt);
  }
  return got > 0 &&
         EarlyCall(SYS_getdents64, readable.get(), EarlyAddress(buffer), sizeof buffer) == 0;
}

// The number outside of the user or group 0 of its user namespace, where the map begins with it.
bool RootOutside(int pid, std::string_view map, unsigned long& number) {
  const EarlyFd fd = OpenOf(pid, map, O_RDONLY);
  char buffer[256]{};
  const long got = EarlyCall(SYS_read, fd.get(), EarlyAddress(buffer), sizeof buffer);
  if (got <= 0) return false;
  std::string_view words[2];
  size_t count = 0;
  for (long at = 0; at < got && count < 2;) {
    const long begin = at;
    while (at < got && buffer[at] != ' ' && buffer[at] != '\n') ++at;
    if (at > begin) words[count++] = {buffer + begin, static_cast<size_t>(at - begin)};
    ++at;
  }
  return count == 2 && EarlySame(words[0], "0") && EarlyNumber(words[1], number);
}

bool Make(int pid, int parent, const char* name) {
  constexpr int kUsual = 0755;
  unsigned long user = 0;
  unsigned long group = 0;
  if (!RootOutside(pid, "/uid_map", user) || !RootOutside(pid, "/gid_map", group)) return false;
  if (EarlyCall(SYS_mkdirat, parent, EarlyAddress(name), kUsual) != 0) return false;
  const EarlyFd made = EarlyOpen(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, parent);
  return made.valid() &&
         EarlyCall(SYS_fchown, made.get(), static_cast<long>(user), static_cast<long>(group)) ==
             0 &&
         EarlyCall(SYS_fchmod, made.get(), kUsual) == 0;
}

// Each beginning of the path, the whole of it last.
EarlyFd MakeAll(int pid, int root, std::string_view path) {
  EarlyFd at = EarlyBeneath(root, "/", O_PATH | O_DIRECTORY);
  for (size_t begin = 1; at.valid() && begin <= path.size();) {
    size_t end = begin;
    while (end < path.size() && path[end] != '/') ++end;
    const std::string_view part(path.data(), end);
    EarlyFd next = EarlyBeneath(root, part, O_PATH | O_DIRECTORY);
    if (!next.valid()) {
      EarlyText<256> name;
      name.Add({path.data() + begin, end - begin});
      if (!name.ok() || !Make(pid, at.get(), name.c_str())) return {};
      next = EarlyBeneath(root, part, O_PATH | O_DIRECTORY);
    }
    at = std::move(next);
    begin = end + 1;
  }
  return at;
}

bool SetPropagation(int mount, unsigned long propagation) {
  mount_attr attributes{.attr_set = 0, .attr_clr = 0, .propagation = propagation, .userns_fd = 0};
  return EarlyCall(SYS_mount_setattr, mount, EarlyAddress(""), AT_EMPTY_PATH,
                   EarlyAddress(&attributes), sizeof attributes) == 0;
}

bool Move(int filesystem, int place) {
  constexpr long kHere = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  return EarlyCall(SYS_move_mount, filesystem, EarlyAddress(""), place, EarlyAddress(""), kHere) ==
         0;
}

void Detach(int filesystem) {
  EarlyText<64> link;
  link.Add("/proc/self/fd/").Add(static_cast<unsigned long>(filesystem));
  (void)EarlyCall(SYS_umount2, EarlyAddress(link.c_str()), MNT_DETACH);
}

}  // namespace

EarlyFd EarlyNamespaceRoot(int pid) {
  EarlyFd shown = OpenOf(pid, "/root", O_PATH | O_DIRECTORY);
  const EarlyFd own = EarlyOpen("/", O_PATH | O_DIRECTORY);
  if (!shown.valid() || !own.valid() || !SameInode(shown.get(), own.get())) return {};
  return shown;
}

EarlyFd EarlyBeneath(int root, std::string_view path, int flags) {
  EarlyText<kMostPath> text;
  text.Add(path);
  open_how how{.flags = static_cast<unsigned>(flags) | O_CLOEXEC,
               .mode = 0,
               .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  if (!text.ok() || path.size() == 0) return {};
  return EarlyFd(
      EarlyCall(SYS_openat2, root, EarlyAddress(text.c_str()), EarlyAddress(&how), sizeof how));
}

bool EarlyIs(int fd, unsigned long device, unsigned long inode) {
  struct stat info {};
  return Look(fd, info) && info.st_dev == device && info.st_ino == inode;
}

EarlyFd EarlyPlace(int pid, int root, std::string_view path) {
  EarlyFd place = EarlyBeneath(root, path, O_PATH | O_DIRECTORY);
  if (!place.valid()) place = MakeAll(pid, root, path);
  if (!place.valid() || !Empty(place.get())) return {};
  return place;
}

EarlyAttached EarlyAttach(int pid, const EarlyFd* filesystems, const EarlyFd* places,
                          size_t count) {
  const EarlyFd own = EarlyOpen("/proc/self/ns/mnt", O_RDONLY);
  const EarlyFd theirs = OpenOf(pid, "/ns/mnt", O_RDONLY);
  if (!own.valid() || !theirs.valid() || SameInode(own.get(), theirs.get()) ||
      EarlyCall(SYS_setns, theirs.get(), CLONE_NEWNS) != 0) {
    return EarlyAttached::kNone;
  }
  size_t moved = 0;
  bool good = true;
  while (good && moved < count) {
    good = Move(filesystems[moved].get(), places[moved].get());
    if (good) good = SetPropagation(filesystems[moved++].get(), MS_PRIVATE);
  }
  for (size_t i = 0; !good && i < moved; ++i) Detach(filesystems[i].get());
  // Whatever was done next would be done in the container.
  constexpr int kLost = 134;
  if (EarlyCall(SYS_setns, own.get(), CLONE_NEWNS) != 0) EarlyCall(SYS_exit_group, kLost);
  if (good) return EarlyAttached::kAll;
  return moved == 0 ? EarlyAttached::kNone : EarlyAttached::kUndone;
}

}  // namespace runward
