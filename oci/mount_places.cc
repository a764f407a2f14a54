#include "oci/mount_places.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/fd.h"

namespace runward {
namespace {

Result<std::string> PathOf(int fd) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), path.data(), path.size());
  if (length <= 0) return ErrnoError("read the name of an open file", errno);
  return std::string(path.data(), static_cast<size_t>(length));
}

// What of `path` lies beneath `point`: "/b" of "/a/b" and "/a"; nullopt when it does not.
std::optional<std::string_view> Rest(std::string_view path, std::string_view point) {
  if (point == "/") return path == "/" ? "" : path;
  if (!path.starts_with(point)) return std::nullopt;
  path.remove_prefix(point.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  return path;
}

std::string Joined(const std::string& root, std::string_view rest) {
  if (rest.empty()) return root;
  return (root == "/" ? "" : root) + std::string(rest);
}

// The longest beginning of the path that exists, opened; `tail` gets the rest.
Result<UniqueFd> OpenExisting(const std::string& path, std::string& tail) {
  std::string head = path;
  while (true) {
    UniqueFd fd(open(head.c_str(), O_PATH | O_CLOEXEC));
    if (fd.valid()) return fd;
    if (errno != ENOENT || head == "/") return ErrnoError("open \"" + head + "\"", errno);
    struct stat info {};
    if (lstat(head.c_str(), &info) == 0) return Error{"\"" + head + "\" leads nowhere", ""};
    const size_t slash = head.rfind('/');
    const std::string part = head.substr(slash);
    if (part == "/.." || part == "/.") return Error{"\"" + path + "\" cannot be walked", ""};
    if (part != "/") tail.insert(0, part);
    head.resize(slash == 0 ? 1 : slash);
  }
}

}  // namespace

Result<MountPlaces> MountPlaces::Read() {
  MountPlaces places;
  places.mounts_ = TRY(AllMounts());
  std::ranges::sort(places.mounts_, {}, &Mount::id);
  return places;
}

Result<FoundPlace> MountPlaces::Find(const std::string& path) const {
  std::string tail;
  const UniqueFd fd = TRY(OpenExisting(path, tail));
  struct statx info {};
  if (statx(fd.get(), "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &info) != 0) {
    return ErrnoError("statx \"" + path + "\"", errno);
  }
  const auto mount = std::ranges::lower_bound(mounts_, info.stx_mnt_id, {}, &Mount::id);
  if (mount == mounts_.end() || mount->id != info.stx_mnt_id) {
    return Error{"the mount of \"" + path + "\" is not in /proc/self/mountinfo", ""};
  }
  std::string found = TRY(PathOf(fd.get()));
  const auto rest = Rest(found, mount->point);
  if (!rest) return Error{"\"" + path + "\" is not beneath its mount point", ""};
  FoundPlace place{.at = {mount->device, Joined(mount->root, *rest)}};
  place.at.path = Joined(place.at.path, tail);
  place.path = Joined(found, tail);
  place.socket = S_ISSOCK(info.stx_mode);
  return place;
}

std::vector<Location> MountPlaces::Beneath(const std::string& path) const {
  std::vector<Location> found;
  for (const Mount& mount : mounts_) {
    const auto rest = Rest(mount.point, path);
    if (rest && !rest->empty()) found.push_back({mount.device, mount.root});
  }
  return found;
}

}  // namespace runward
