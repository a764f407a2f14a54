#include "agent/image_paths.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <iterator>

#include "agent/link_walk.h"
#include "agent/mount_view.h"

namespace runward {
namespace {

UniqueFd OpenBeneath(int layer, const std::string& path, uint64_t flags) {
  open_how how{.flags = flags | O_NOFOLLOW | O_CLOEXEC,
               .mode = 0,
               .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH};
  const char* name = path.empty() ? "." : path.c_str() + 1;
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, layer, name, &how, sizeof how)));
}

// A link itself cannot be opened where none may be followed; its directory can.
UniqueFd OpenPlace(int layer, const std::string& path) {
  const UniqueFd directory =
      OpenBeneath(layer, path.substr(0, path.rfind('/')), O_PATH | O_DIRECTORY);
  if (!directory.valid()) return {};
  const char* name = path.c_str() + path.rfind('/') + 1;
  return UniqueFd(openat(directory.get(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

std::string TargetOf(int link) {
  std::array<char, PATH_MAX> text{};
  const ssize_t size = readlinkat(link, "", text.data(), text.size());
  return {text.data(), size > 0 ? static_cast<size_t>(size) : 0};
}

}  // namespace

ImagePaths::ImagePaths(const std::vector<std::string>& lower) {
  for (const std::string& path : lower) {
    layers_.emplace_back(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
}

const ImagePaths::Place& ImagePaths::At(const std::string& path) {
  const auto [found, fresh] = places_.try_emplace(path);
  Place& place = found->second;
  if (!fresh || path.empty()) return place;
  for (const UniqueFd& layer : layers_) {
    const UniqueFd file = OpenPlace(layer.get(), path);
    struct stat info {};
    if (!file.valid() || fstat(file.get(), &info) != 0) continue;
    // The topmost one, be it one that says that there is nothing (a device of number 0).
    place.inode = info.st_ino;
    place.regular = S_ISREG(info.st_mode);
    if (S_ISLNK(info.st_mode)) place.target = TargetOf(file.get());
    break;
  }
  return place;
}

std::optional<std::string> ImagePaths::Follow(const std::string& path) {
  return WithoutLinks(path, [this](const std::string& place) { return At(place).target; });
}

std::optional<ImagePaths::File> ImagePaths::Find(const std::string& path) {
  std::optional<std::string> real = Follow(path);
  if (!real) return std::nullopt;
  const Place& place = At(*real);
  if (!place.regular) return std::nullopt;
  return File{.inode = place.inode, .path = *std::move(real)};
}

const std::vector<std::string>& ImagePaths::Entries(const std::string& directory) {
  const auto [found, fresh] = entries_.try_emplace(directory);
  std::vector<std::string>& names = found->second;
  const std::optional<std::string> real = fresh ? Follow(directory) : std::nullopt;
  if (!real) return names;
  for (const UniqueFd& layer : layers_) {
    std::vector<std::string> own =
        EntriesOf(OpenBeneath(layer.get(), *real, O_RDONLY | O_DIRECTORY));
    names.insert(names.end(), std::move_iterator(own.begin()), std::move_iterator(own.end()));
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace runward
