#include "agent/mount_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <set>

#include "base/file.h"

namespace runward {
namespace {

constexpr size_t kMaxMountinfo = size_t{8} << 20;
// What the kernel makes itself, in which nobody can put a file.
constexpr std::array<std::string_view, 14> kKernels = {
    "binfmt_misc", "bpf",    "cgroup", "cgroup2", "configfs", "debugfs", "devpts",
    "efivarfs",    "mqueue", "nsfs",   "proc",    "pstore",   "sysfs",   "tracefs"};

bool HasOption(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const std::string_view one = options.substr(0, options.find(','));
    if (one == wanted) return true;
    options.remove_prefix(std::min(one.size() + 1, options.size()));
  }
  return false;
}

Watch WatchOf(const ContainerMount& one, const std::set<std::string>& hosts) {
  const Mount& mount = one.mount;
  if (HasOption(mount.options, "noexec")) return Watch::kNothing;
  if (std::ranges::find(kKernels, mount.type) != kKernels.end()) return Watch::kNothing;
  // Engines mount the root's overlay where the host sees it, but only the container works there.
  if (one.place == "/" && mount.type == "overlay") return Watch::kOwn;
  const bool private_type = mount.type == "tmpfs" || mount.type == "overlay";
  return private_type && !hosts.contains(mount.device) ? Watch::kOwn : Watch::kShared;
}

Result<std::vector<Mount>> MountsOf(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/mountinfo";
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open \"" + path + "\"", errno);
  const std::string text = TRY(ReadFdCapped(fd.get(), kMaxMountinfo, path));
  std::vector<Mount> mounts;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    std::optional<Mount> mount = ParseMountLine(line);
    if (!mount) return Error{"\"" + path + "\" has a line that is no mount", ""};
    mounts.push_back(*std::move(mount));
  }
  return mounts;
}

// The place in the container of a mount point; "" when it lies outside.
std::string PlaceOf(const std::string& point, const std::string& prefix) {
  if (prefix.empty()) return point;
  if (point == prefix) return "/";
  return point.starts_with(prefix + "/") ? point.substr(prefix.size()) : "";
}

bool HasMountAt(const std::vector<Mount>& mounts, const std::string& point) {
  return std::ranges::any_of(mounts, [&](const Mount& one) { return one.point == point; });
}

}  // namespace

Result<std::vector<ContainerMount>> LookAtMounts(pid_t pid, const std::string& rootfs) {
  const std::vector<Mount> mounts = TRY(MountsOf(pid));
  std::set<std::string> hosts;
  for (const Mount& one : TRY(AllMounts())) hosts.insert(one.device);
  const std::string prefix = HasMountAt(mounts, rootfs) ? rootfs : "";
  std::map<std::string, ContainerMount> places;  // a later mount covers an earlier one
  for (const Mount& one : mounts) {
    const std::string place = PlaceOf(one.point, prefix);
    if (!place.empty()) places[place] = {.place = place, .mount = one};
  }
  if (!places.contains("/")) return Error{"the container has no mount as its root", ""};
  std::vector<ContainerMount> found;
  for (auto& [place, one] : places) {
    one.watch = WatchOf(one, hosts);
    found.push_back(std::move(one));
  }
  return found;
}

Result<UniqueFd> RootOf(pid_t pid, const std::string& rootfs) {
  const std::string link = "/proc/" + std::to_string(pid) + "/root";
  UniqueFd root(open(link.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return ErrnoError("open \"" + link + "\"", errno);
  const std::vector<Mount> mounts = TRY(MountsOf(pid));
  if (!HasMountAt(mounts, rootfs)) return root;
  UniqueFd beneath = OpenIn(root.get(), rootfs);
  if (!beneath.valid()) return ErrnoError("open \"" + rootfs + "\" in the container", errno);
  return beneath;
}

UniqueFd OpenIn(int root, const std::string& place) {
  open_how how{
      .flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, root, place.c_str(), &how, sizeof how)));
}

UniqueFd OpenAsWritten(int root, const std::string& place) {
  open_how how{.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
               .mode = 0,
               .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS};
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, root, place.c_str(), &how, sizeof how)));
}

std::vector<std::string> EntriesOf(int root, const std::string& place) {
  const UniqueFd there = OpenIn(root, place);
  return EntriesOf(UniqueFd(openat(there.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
}

std::vector<std::string> EntriesOf(UniqueFd directory) {
  std::vector<std::string> names;
  if (!directory.valid()) return names;
  const CHandle<DIR, closedir> entries(fdopendir(directory.release()));
  while (entries != nullptr) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    names.emplace_back(entry->d_name);
  }
  return names;
}

uint64_t DeviceOf(const Mount& mount) {
  unsigned major = 0;
  unsigned minor = 0;
  const std::string& text = mount.device;
  const char* end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, major);
  if (error != std::errc{} || colon == end) return 0;
  std::from_chars(colon + 1, end, minor);
  return makedev(major, minor);
}

UniqueFd OpenOnDevice(pid_t pid, uint64_t device) {
  const std::string link = "/proc/" + std::to_string(pid) + "/root";
  const UniqueFd root(open(link.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  Result<std::vector<Mount>> mounts = MountsOf(pid);
  if (!root.valid() || !mounts.ok()) return {};
  std::stable_partition(mounts.value().begin(), mounts.value().end(),
                        [](const Mount& one) { return one.root == "/"; });
  for (const Mount& one : mounts.value()) {
    if (DeviceOf(one) != device) continue;
    UniqueFd there = OpenIn(root.get(), one.point);
    struct stat info {};  // another mount may cover it
    if (there.valid() && fstat(there.get(), &info) == 0 && info.st_dev == device) return there;
  }
  return {};
}

UniqueFd OpenMount(pid_t pid, const Mount& wanted) {
  const std::string link = "/proc/" + std::to_string(pid) + "/root";
  const UniqueFd root(open(link.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Result<std::vector<Mount>> mounts = MountsOf(pid);
  if (!root.valid() || !mounts.ok()) return {};
  for (const Mount& one : mounts.value()) {
    if (one.id != wanted.id || one.device != wanted.device) continue;
    UniqueFd there = OpenIn(root.get(), one.point);
    if (there.valid() && LiesOnMount(there.get(), one.id)) return there;
  }
  return {};
}

std::optional<Mount> RuntimesRoot(pid_t pid, const std::string& rootfs) {
  Result<std::vector<Mount>> mounts = MountsOf(pid);
  if (!mounts.ok() || rootfs == "/" || !HasMountAt(mounts.value(), rootfs)) return std::nullopt;
  std::optional<Mount> root;  // a later mount covers an earlier one
  for (Mount& one : mounts.value()) {
    if (one.point == "/") root = std::move(one);
  }
  return root;
}

bool LiesOnMount(int file, uint64_t id) {
  struct statx info {};
  return statx(file, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) == 0 && info.stx_mnt_id == id;
}

std::string LinkTo(int file) { return "/proc/self/fd/" + std::to_string(file); }

}  // namespace runward
