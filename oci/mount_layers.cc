#include "oci/mount_layers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "oci/overlay.h"

namespace runward {
namespace {

// Filesystems that show directories of others and do not say which.
bool HidesItsLayers(std::string_view type) {
  constexpr std::array<std::string_view, 4> kTypes = {"aufs", "ecryptfs", "shiftfs", "unionfs"};
  const bool fuse = type.starts_with("fuse.") && (type.find("overlay") != std::string_view::npos ||
                                                  type.find("union") != std::string_view::npos);
  return fuse || std::ranges::find(kTypes, type) != kTypes.end();
}

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// "184/fs": how containerd numbers its snapshots.
bool IsSnapshot(std::string_view name) {
  if (!name.ends_with("/fs")) return false;
  name.remove_suffix(3);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && std::ranges::all_of(name, digit);
}

// What containerd's relative layers are relative to: the directory of its snapshots; "" for others.
std::string SnapshotsOf(const std::string& upper) {
  std::string snapshots = Parent(Parent(upper));
  if (!snapshots.ends_with("/snapshots")) return "";
  return IsSnapshot(upper.substr(snapshots.size() + 1)) ? snapshots : "";
}

}  // namespace

Result<MountLayers> LayersOf(const Mount& mount) {
  const auto unknown = [&](const std::string& why) {
    return Error{"the layers of the " + mount.type + " at \"" + mount.point + "\": " + why, ""};
  };
  MountLayers found;
  if (HidesItsLayers(mount.type)) return unknown("it does not say which");
  if (mount.type != "overlay") return found;
  // A backslash of a name and that of an escape look alike.
  if (mount.super.find("\\134") != std::string::npos) return unknown("a backslash in a name");
  Result<OverlayLayers> layers = ParseOverlay(mount.super);
  if (!layers.ok()) return unknown(layers.error().message);
  if (mount.point.ends_with("/merged")) found.store = Parent(Parent(mount.point));
  const std::string snapshots = SnapshotsOf(layers.value().upper);
  found.names = std::move(layers.value().lower);
  if (!layers.value().upper.empty()) found.names.push_back(std::move(layers.value().upper));
  for (std::string& name : found.names) {
    if (name.starts_with('/')) continue;
    const std::string base = found.store.empty() && IsSnapshot(name) ? snapshots : found.store;
    if (base.empty()) return unknown("\"" + name + "\" is relative to nothing known");
    name.insert(0, base + "/");
  }
  return found;
}

}  // namespace runward
