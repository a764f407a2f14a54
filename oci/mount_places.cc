#include "oci/mount_places.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <optional>

#include "base/fd.h"
#include "oci/mount_layers.h"

namespace runward {
namespace {

// What the kernel shows of itself, and where: each may be mounted once more elsewhere, some as a
// filesystem of its own, and shows the same there.
struct KernelsOwn {
  std::string_view type;
  std::string_view place;
};
constexpr std::array<KernelsOwn, 14> kKernelsOwn = {{
    {"binfmt_misc", "/proc/sys/fs/binfmt_misc"},
    {"bpf", "/sys/fs/bpf"},
    {"cgroup", "/sys/fs/cgroup"},
    {"cgroup2", "/sys/fs/cgroup"},
    {"configfs", "/sys/kernel/config"},
    {"debugfs", "/sys/kernel/debug"},
    {"devtmpfs", "/dev"},
    {"efivarfs", "/sys/firmware/efi/efivars"},
    {"fusectl", "/sys/fs/fuse/connections"},
    {"proc", "/proc"},
    {"pstore", "/sys/fs/pstore"},
    {"securityfs", "/sys/kernel/security"},
    {"sysfs", "/sys"},
    {"tracefs", "/sys/kernel/tracing"},
}};

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

UniqueFd Open(const std::string& path, uint64_t resolve) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = resolve;
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
}

// What is wrong with the beginning of `path` that could not be opened, unless it does not exist.
std::optional<Error> WhyNotAbsent(const std::string& path, const std::string& head, int error) {
  if (error == ELOOP) {
    return Error{"\"" + path + "\" leads through a process's link in /proc, or in a circle", ""};
  }
  if (error != ENOENT || head == "/") return ErrnoError("open \"" + head + "\"", error);
  struct stat info {};
  if (lstat(head.c_str(), &info) == 0) return Error{"\"" + head + "\" leads nowhere", ""};
  return std::nullopt;
}

// The longest beginning of the path that exists, opened; `tail` gets the rest.
Result<UniqueFd> OpenExisting(const std::string& path, uint64_t resolve, std::string& tail) {
  std::string head = path;
  while (true) {
    UniqueFd fd = Open(head, resolve);
    if (fd.valid()) return fd;
    if (auto error = WhyNotAbsent(path, head, errno)) return *std::move(error);
    const size_t slash = head.rfind('/');
    const std::string part = head.substr(slash);
    if (part == "/.." || part == "/.") return Error{"\"" + path + "\" cannot be walked", ""};
    if (part != "/") tail.insert(0, part);
    head.resize(slash == 0 ? 1 : slash);
  }
}

const Mount* MountWith(const std::vector<Mount>& mounts, const std::string& device) {
  const auto found = std::ranges::find(mounts, device, &Mount::device);
  return found == mounts.end() ? nullptr : &*found;
}

}  // namespace

Result<MountPlaces> MountPlaces::Read() { return Of(TRY(AllMounts())); }

Result<MountPlaces> MountPlaces::Of(std::vector<Mount> mounts) {
  MountPlaces places;
  places.mounts_ = std::move(mounts);
  std::ranges::sort(places.mounts_, {}, &Mount::id);
  places.root_ = TRY(places.Find("/")).at.device;
  return places;
}

Result<FoundPlace> MountPlaces::Find(const std::string& path) const { return Locate(path, 0); }

Result<FoundPlace> MountPlaces::FindSource(const std::string& path) const {
  FoundPlace found = TRY(Locate(path, RESOLVE_NO_MAGICLINKS));
  const Mount* mount = MountWith(mounts_, found.at.device);
  if (mount == nullptr) return found;
  TRY(AddUsual(mount->type, found));
  if (mount->type != "proc") return found;
  // /proc/self is an ordinary link, to a number; a number may be the runtime's before long.
  const bool process =
      found.at.path.size() > 1 && found.at.path[1] >= '0' && found.at.path[1] <= '9';
  if (!process) return found;
  return Error{"\"" + path + "\" lies in a process's directory of /proc", ""};
}

Result<void> MountPlaces::AddUsual(const std::string& type, FoundPlace& found) const {
  const auto known = std::ranges::find(kKernelsOwn, type, &KernelsOwn::type);
  if (known == kKernelsOwn.end()) return {};
  FoundPlace usual = TRY(Locate(std::string(known->place), 0));
  for (std::vector<Location>& chain : usual.above) {
    chain.insert(chain.begin(), usual.at);
    found.above.push_back(std::move(chain));
  }
  return {};
}

Result<FoundPlace> MountPlaces::Locate(const std::string& path, uint64_t resolve) const {
  std::string tail;
  const UniqueFd fd = TRY(OpenExisting(path, resolve, tail));
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
  place.exists = tail.empty();
  for (const Mount& one : mounts_) {
    if (one.device == mount->device && one.root == "/") place.above.push_back(Above(one));
  }
  if (place.above.empty()) place.above.push_back(Above(*mount));
  return place;
}

std::vector<Location> MountPlaces::Above(const Mount& mount) const {
  std::vector<Location> above;
  const Mount* inner = &mount;
  while (above.size() < mounts_.size()) {
    const auto outer = std::ranges::lower_bound(mounts_, inner->parent, {}, &Mount::id);
    if (outer == mounts_.end() || outer->id != inner->parent || &*outer == inner) break;
    const auto rest = Rest(inner->point, outer->point);
    if (!rest) break;
    above.push_back({outer->device, Joined(outer->root, *rest)});
    inner = &*outer;
  }
  return above;
}

std::vector<Location> MountPlaces::Beneath(const std::string& path) const {
  std::vector<Location> found;
  for (const Mount& mount : mounts_) {
    const auto rest = Rest(mount.point, path);
    if (rest && !rest->empty()) found.push_back({mount.device, mount.root});
  }
  return found;
}

Result<std::vector<Location>> MountPlaces::Behind(const Location& place) const {
  std::vector<Location> found;
  TRY(AddLayers(place, 0, found));
  return found;
}

Result<std::vector<Location>> MountPlaces::LayerAt(const Mount& overlay,
                                                   const std::string& name) const {
  FoundPlace found = TRY(Find(name));
  if (!found.exists) return Error{"the overlay layer \"" + name + "\" is not there", ""};
  if (found.at.device != overlay.device) return std::vector<Location>{std::move(found.at)};
  // Mounted upon one of its own layers, which has no name any more: it lies where the overlay does.
  std::vector<Location> covered;
  for (const Mount& one : mounts_) {
    const auto rest = Rest(found.path, one.point);
    if (one.device != overlay.device || !rest) continue;
    std::vector<Location> above = Above(one);
    if (above.empty() || above.front().device == overlay.device) continue;
    covered.push_back({above.front().device, Joined(above.front().path, *rest)});
  }
  if (covered.empty()) return Error{"the overlay layer \"" + name + "\" lies upon itself", ""};
  return covered;
}

Result<void> MountPlaces::AddLayers(const Location& place, int depth,
                                    std::vector<Location>& layers) const {
  // The kernel stacks two; FILESYSTEM_MAX_STACK_DEPTH.
  constexpr int kMostStacked = 4;
  const Mount* mount = MountWith(mounts_, place.device);
  if (mount == nullptr || place.device == root_) return {};
  const MountLayers named = TRY(LayersOf(*mount));
  if (depth > kMostStacked) return Error{"too many overlays lie upon one another", ""};
  std::vector<Location> own;
  for (const std::string& name : named.names) {
    for (Location& one : TRY(LayerAt(*mount, name))) own.push_back(std::move(one));
  }
  if (!named.store.empty()) {
    const Location store = TRY(Find(named.store)).at;
    const auto inside = [&](const Location& one) { return runward::Beneath(one, store); };
    if (std::ranges::all_of(own, inside)) return {};
  }
  for (const Location& one : own) TRY(AddLayers(one, depth + 1, layers));
  layers.insert(layers.end(), own.begin(), own.end());
  return {};
}

}  // namespace runward
