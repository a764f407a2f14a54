#include "secrets/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <vector>

#include "base/file.h"

namespace runward {
namespace {

constexpr size_t kMaxMapBytes = size_t{64} << 10;
constexpr size_t kMaxMountinfo = size_t{8} << 20;

Result<std::string> ProcText(pid_t pid, const char* name, size_t most) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open \"" + path + "\"", errno);
  return ReadFdCapped(fd.get(), most, path);
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const size_t start = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(start);
    const std::string_view word = line.substr(0, line.find(' '));
    if (!word.empty()) words.push_back(word);
    line.remove_prefix(word.size());
  }
  return words;
}

std::string_view TakeLine(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

UniqueFd OpenIn(int root, const std::string& path, uint64_t flags) {
  open_how how{
      .flags = flags | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
}

Error CannotUse(const std::string& path, const std::string& why, const std::string& hint) {
  return Error{"no secrets can be put at \"" + path + "\" in the container: " + why, hint};
}

Result<void> MakeDirectory(int parent, const std::string& name, const std::string& path,
                           const Owner& owner) {
  constexpr mode_t kUsual = 0755;
  if (mkdirat(parent, name.c_str(), kUsual) == 0) {
    const UniqueFd made(
        openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (made.valid() && fchown(made.get(), owner.uid, owner.gid) == 0 &&
        fchmod(made.get(), kUsual) == 0) {
      return {};
    }
    return ErrnoError("make \"" + path + "\" in the container", errno);
  }
  if (errno == EEXIST) {
    return CannotUse(path, "it is a link that leads nowhere", "choose another place");
  }
  if (errno == EROFS) {
    return CannotUse(path, "it is not there, and the filesystem is read-only",
                     "make the directory in the image, or give the container a tmpfs above it");
  }
  return ErrnoError("make \"" + path + "\" in the container", errno);
}

// Each beginning of the path, the whole of it last.
Result<UniqueFd> OpenOrMake(pid_t pid, int root, const std::string& path) {
  UniqueFd at = OpenIn(root, "/", O_PATH | O_DIRECTORY);
  for (size_t end = path.find('/', 1); at.valid(); end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    UniqueFd next = OpenIn(root, part, O_PATH);
    if (!next.valid() && errno == ENOENT) {
      const IdMaps maps = TRY(IdMaps::Of(pid));
      const Owner owner = TRY(maps.Outside(0, 0));
      TRY(MakeDirectory(at.get(), part.substr(part.rfind('/') + 1), part, owner));
      next = OpenIn(root, part, O_PATH);
    }
    if (!next.valid()) {
      return CannotUse(path, ErrnoError("\"" + part + "\"", errno).message, "choose another place");
    }
    at = std::move(next);
    if (end == std::string::npos) break;
  }
  return at;
}

Result<void> CheckEmpty(int directory, const std::string& path) {
  struct stat info {};
  if (fstat(directory, &info) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  if (!S_ISDIR(info.st_mode)) {
    return CannotUse(path, "a file is there already",
                     "choose a directory that is not in the image");
  }
  UniqueFd readable(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const CHandle<DIR, closedir> entries(fdopendir(readable.get()));
  if (entries == nullptr) return ErrnoError("read \"" + path + "\" in the container", errno);
  (void)readable.release();
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    return CannotUse(path, "\"" + std::string(name) + "\" is there, and would be hidden",
                     "choose a directory of the secrets' own");
  }
  return {};
}

// What is mounted upon a shared mount appears at all its peers, and those may be the host's.
Result<void> CheckPrivate(pid_t pid, int directory, const std::string& path) {
  struct statx info {};
  if (statx(directory, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) != 0 ||
      (info.stx_mask & STATX_MNT_ID) == 0) {
    return ErrnoError("find the mount of \"" + path + "\"", errno);
  }
  const std::string text = TRY(ProcText(pid, "mountinfo", kMaxMountinfo));
  for (std::string_view rest = text; !rest.empty();) {
    const std::vector<std::string_view> words = Words(TakeLine(rest));
    if (words.empty() || Number(words[0]) != info.stx_mnt_id) continue;
    // proc_pid_mountinfo(5): optional fields from the seventh on, up to a "-".
    for (size_t i = 6; i < words.size() && words[i] != "-"; ++i) {
      if (!words[i].starts_with("shared:")) continue;
      return CannotUse(path, "it lies on a mount that is shared with others (shared propagation)",
                       "mount it rprivate or rslave, or choose another place");
    }
    return {};
  }
  return Error{"the mount of \"" + path + "\" is none of the container's", ""};
}

}  // namespace

std::optional<uint32_t> MappedId(std::string_view map, uint32_t inside) {
  while (!map.empty()) {
    const std::vector<std::string_view> words = Words(TakeLine(map));
    if (words.size() != 3) continue;
    const auto first = Number(words[0]);
    const auto outside = Number(words[1]);
    const auto count = Number(words[2]);
    if (!first || !outside || !count || inside < *first || inside - *first >= *count) continue;
    return static_cast<uint32_t>(*outside + (inside - *first));
  }
  return std::nullopt;
}

Result<IdMaps> IdMaps::Of(pid_t pid) {
  IdMaps maps;
  maps.users_ = TRY(ProcText(pid, "uid_map", kMaxMapBytes));
  maps.groups_ = TRY(ProcText(pid, "gid_map", kMaxMapBytes));
  return maps;
}

Result<Owner> IdMaps::Outside(uint32_t uid, uint32_t gid) const {
  const auto user = MappedId(users_, uid);
  const auto group = MappedId(groups_, gid);
  if (user && group) return Owner{*user, *group};
  return Error{"a secret is to belong to " + std::to_string(uid) + ":" + std::to_string(gid) +
                   ", which the container's user namespace does not have",
               "set \"uid\" and \"gid\" to numbers that it has"};
}

Result<UniqueFd> RootBeforeStart(pid_t pid, const std::string& rootfs) {
  const std::string link = "/proc/" + std::to_string(pid) + "/root";
  const UniqueFd shown(open(link.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat there {};
  struct stat here {};
  if (!shown.valid() || fstat(shown.get(), &there) != 0 || stat("/", &here) != 0) {
    return ErrnoError("open \"" + link + "\"", errno);
  }
  if (there.st_dev != here.st_dev || there.st_ino != here.st_ino) {
    return Error{
        "the runtime runs its createRuntime hooks after changing the root, so no secrets can be "
        "placed",
        "use runc 1.1 or crun 1.8 as the real runtime"};
  }
  UniqueFd root = OpenIn(shown.get(), rootfs, O_PATH | O_DIRECTORY);
  if (!root.valid()) return ErrnoError("open the container's root \"" + rootfs + "\"", errno);
  return root;
}

Result<UniqueFd> RootOfRunning(pid_t pid) {
  const std::string link = "/proc/" + std::to_string(pid) + "/root";
  UniqueFd root(open(link.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return ErrnoError("open \"" + link + "\"", errno);
  return root;
}

Result<UniqueFd> PlaceForSecrets(pid_t pid, int root, const std::string& path) {
  UniqueFd directory = TRY(OpenOrMake(pid, root, path));
  TRY(CheckEmpty(directory.get(), path));
  return directory;
}

Error WhyNotThere(pid_t pid, int directory, const std::string& path) {
  const Result<void> is_private = CheckPrivate(pid, directory, path);
  if (!is_private.ok()) return is_private.error();
  return ErrnoError("mount the secrets at \"" + path + "\" in the container", EINVAL);
}

Result<UniqueFd> OpenPlace(int root, const std::string& path) {
  UniqueFd directory = OpenIn(root, path, O_PATH | O_DIRECTORY);
  if (!directory.valid()) return ErrnoError("open \"" + path + "\" in the container", errno);
  return directory;
}

}  // namespace runward
