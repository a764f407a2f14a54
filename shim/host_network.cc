#include "shim/host_network.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "base/control_groups.h"
#include "oci/container.h"
#include "policy/control_parts.h"
#include "policy/wording.h"

namespace runward {
namespace {

// The unified hierarchy's filesystem as mountinfo numbers it; "" where it is not mounted in its
// usual places, in which no group can be told either.
std::string UnifiedDevice() {
  const std::string place = UnifiedHierarchy();
  struct stat info {};
  if (place.empty() || stat(place.c_str(), &info) != 0) return "";
  return std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
}

bool HasOption(const MountConfig& mount, std::string_view option) {
  return std::ranges::find(mount.options, option) != mount.options.end();
}

// With all that is mounted beneath: "ro" alone leaves the mounts beneath writable.
bool ReadOnly(const MountConfig& mount) {
  return mount.read_only && (HasOption(mount, "rro") || !IsRecursive(mount));
}

bool HasOwnGroups(const ContainerConfig& config) {
  return std::ranges::any_of(config.namespaces, [](const NamespaceConfig& one) {
    return one.type == "cgroup" && one.path.empty();
  });
}

std::string WayThrough(const SourceView& source, const MountConfig& mount,
                       const std::string& unified) {
  const std::string what = "the mount of " + Quoted(source.path) + " shows it the host's groups";
  if (!source.why.empty()) {
    return "the place of mount " + Quoted(mount.source) + " cannot be told: " + source.why;
  }
  if (ReadOnly(mount)) return "";
  const bool shows = std::ranges::any_of(
      source.trees, [&](const Location& tree) { return tree.device == unified; });
  return shows ? what : "";
}

}  // namespace

Result<std::string> WayOutOfGroup(const StartCase& now) {
  const ContainerConfig config = TRY(ContainerOf(now.document->root(), now.bundle));
  // crun keeps the group above as the container's: execs are put there, and its namespace shows it.
  for (const auto& [key, value] : config.annotations) {
    if (key != "run.oci.delegate-cgroup") continue;
    return "the annotation " + Quoted(key) + " puts it into a group below its own";
  }
  const bool own = HasOwnGroups(config);
  for (const MountConfig& mount : config.mounts) {
    const bool groups = mount.type == "cgroup" || mount.type == "cgroup2";
    if (mount.bind || !groups || own || mount.read_only) continue;
    return "the mount at " + Quoted(mount.destination) + " shows it the host's groups";
  }
  const std::string unified = UnifiedDevice();
  for (const SourceView& source : now.controls.host.sources) {
    std::string way = WayThrough(source, config.mounts.at(source.mount), unified);
    if (!way.empty()) return way;
  }
  return std::string();
}

}  // namespace runward
