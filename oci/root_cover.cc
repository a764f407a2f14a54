#include "oci/root_cover.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <vector>

#include "base/fd.h"

namespace runward {
namespace {

UniqueFd OpenIn(int directory, const std::string& path, uint64_t resolve) {
  open_how how{.flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = resolve};
  return UniqueFd(
      static_cast<int>(syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how)));
}

std::string PathOf(int fd) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), path.data(), path.size());
  return length < 0 ? "" : std::string(path.data(), static_cast<size_t>(length));
}

// Where a mount lands in the image as it is now; "" when that cannot be found out.
std::string PlaceOf(int root, const std::string& rootfs, const std::string& destination) {
  std::string head = CleanPath(destination);
  std::string tail;
  while (head != "/") {
    const UniqueFd fd = OpenIn(root, head.substr(1), RESOLVE_IN_ROOT);
    if (fd.valid()) {
      const std::string path = PathOf(fd.get());
      const bool inside = path.size() >= rootfs.size() && path.starts_with(rootfs);
      return inside ? CleanPath(path.substr(rootfs.size()) + tail) : "";
    }
    if (errno != ENOENT && errno != ENOTDIR) return "";
    const size_t slash = head.rfind('/');
    tail.insert(0, head.substr(slash));
    head.resize(slash == 0 ? 1 : slash);
  }
  return CleanPath(tail);
}

bool Beneath(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

// Whether the words alone say where a mount lands. With a symlink on its way, a dangling one
// included, or a "..", that depends on what the runtime finds when it makes the mount.
bool IsPlain(int root, const std::string& destination) {
  if (("/" + destination + "/").find("/../") != std::string::npos) return false;
  std::string path = CleanPath(destination);
  while (path != "/") {
    if (OpenIn(root, path.substr(1), RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS).valid()) return true;
    if (errno != ENOENT && errno != ENOTDIR) return false;
    const size_t slash = path.rfind('/');
    path.resize(slash == 0 ? 1 : slash);
  }
  return true;
}

}  // namespace

RootCover FindRootCover(const Spec& spec, const std::string& rootfs) {
  if (!spec.own_mount_namespace) {
    return {.why = "the container does not get a mount namespace of its own"};
  }
  const UniqueFd root(open(rootfs.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return {.why = "the root filesystem cannot be opened"};
  RootCover cover;
  std::vector<std::string> unsettled;
  for (const SpecMount& mount : spec.mounts) {
    const std::string path = PlaceOf(root.get(), rootfs, mount.destination);
    if (path.empty() || path == "/") {
      const std::string shown = "the mount at \"" + mount.destination + "\" ";
      return {.why = shown + (path.empty() ? "has a place that cannot be found out"
                                           : "covers the image's root")};
    }
    cover.uncertain |= !IsPlain(root.get(), mount.destination);
    for (const std::string& earlier : unsettled) cover.uncertain |= Beneath(path, earlier);
    if (!mount.settled) unsettled.push_back(path);
  }
  return cover;
}

}  // namespace runward
