#include "agent/image_files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <optional>

#include "agent/link_walk.h"
#include "agent/mount_view.h"
#include "oci/overlay.h"

namespace runward {
namespace {

constexpr size_t kMostKnown = 8192;

Result<UniqueFd> OpenLayer(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open the layer \"" + path + "\"", errno);
  return fd;
}

// Whether nothing of the layers below shows through the directory, or it shows another place of
// them (Documentation/filesystems/overlayfs.rst).
bool HidesLower(int directory) {
  constexpr std::array kNames = {"trusted.overlay.opaque", "trusted.overlay.redirect",
                                 "user.overlay.opaque", "user.overlay.redirect"};
  for (const char* name : kNames) {
    if (fgetxattr(directory, name, nullptr, 0) >= 0) return true;
    if (errno != ENODATA && errno != ENOTSUP) return true;
  }
  return false;
}

uint64_t MountIdOf(int file) {
  struct statx info {};
  return statx(file, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) == 0 ? info.stx_mnt_id : 0;
}

// What the symlink says; "" for one that lies on another mount, nullopt where there is none.
std::optional<std::string> LinkIn(int root, const std::string& path) {
  const UniqueFd file = OpenAsWritten(root, path);
  struct stat info {};
  if (!file.valid() || fstat(file.get(), &info) != 0 || !S_ISLNK(info.st_mode)) return std::nullopt;
  if (MountIdOf(file.get()) != MountIdOf(root)) return "";
  std::array<char, PATH_MAX> text{};
  const ssize_t size = readlinkat(file.get(), "", text.data(), text.size());
  return std::string(text.data(), size > 0 ? static_cast<size_t>(size) : 0);
}

}  // namespace

Result<ImageFiles> ImageFiles::Of(const Mount& root, const std::string& rootfs) {
  if (root.type != "overlay") {
    return Error{"the container's root is of type " + root.type +
                     ", and only an overlay tells files of the image from others",
                 "use the engine's overlay storage driver, or no \"drift\" rule"};
  }
  OverlayLayers layers = TRY(ParseOverlay(root.super));
  layers = TRY(AbsoluteLayers(std::move(layers), rootfs));
  ImageFiles files;
  if (!layers.upper.empty()) files.upper_ = TRY(OpenLayer(layers.upper));
  for (const std::string& path : layers.lower) {
    (void)TRY(OpenLayer(path));
    files.lower_.push_back(path);
  }
  return files;
}

bool ImageFiles::UpperTouches(const std::string& path) const {
  if (!upper_.valid()) return false;
  UniqueFd opened;
  int directory = upper_.get();
  size_t start = 1;
  for (;;) {
    const size_t slash = path.find('/', start);
    const std::string name = path.substr(start, slash - start);
    if (slash == std::string::npos) {
      struct stat info {};
      return fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
    }
    UniqueFd next(openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.valid()) return errno != ENOENT;
    if (HidesLower(next.get())) return true;
    opened = std::move(next);
    directory = opened.get();
    start = slash + 1;
  }
}

bool ImageFiles::LowerHas(const std::string& path, uint64_t inode) const {
  open_how how{.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_NO_SYMLINKS};
  for (const std::string& name : lower_) {
    const UniqueFd layer(open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const UniqueFd file(
        static_cast<int>(syscall(SYS_openat2, layer.get(), path.c_str() + 1, &how, sizeof how)));
    struct stat info {};
    if (!file.valid() || fstat(file.get(), &info) != 0) continue;
    if (S_ISREG(info.st_mode) && info.st_ino == inode) return true;
  }
  return false;
}

bool ImageFiles::LeadsAstray(int root, const std::string& path) const {
  bool astray = false;
  const auto real = WithoutLinks(path, [&](const std::string& place) {
    std::optional<std::string> target = LinkIn(root, place);
    astray = astray || (target && (target->empty() || UpperTouches(place)));
    return astray ? std::nullopt : target;
  });
  return astray || !real;
}

ImagePaths ImageFiles::Paths() const { return ImagePaths(lower_); }

bool ImageFiles::Unchanged() const {
  return !upper_.valid() || EntriesOf(upper_.get(), ".").size() == 2;  // "." and ".."
}

bool ImageFiles::Contains(int file, const std::string& path) {
  struct stat info {};
  if (path.size() < 2 || path.front() != '/') return false;
  if (fstat(file, &info) != 0 || info.st_nlink == 0) return false;
  if (UpperTouches(path)) return false;
  std::string key = std::to_string(info.st_ino) + " " + path;
  if (known_.contains(key)) return true;
  if (!LowerHas(path, info.st_ino)) return false;
  if (known_.size() < kMostKnown) known_.insert(std::move(key));
  return true;
}

}  // namespace runward
