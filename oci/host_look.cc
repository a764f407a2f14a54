#include "oci/host_look.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/file.h"
#include "oci/mount_places.h"
#include "oci/overlay.h"
#include "policy/control_parts.h"

namespace runward {
namespace {

std::string Absolute(const std::string& path, const std::string& bundle) {
  return !path.empty() && path.front() == '/' ? path : bundle + "/" + path;
}

// What a mount brings of the host: its source, or the layers of an overlay.
Result<std::vector<std::string>> SourcesOf(const MountConfig& mount, const std::string& label) {
  if (mount.bind) return std::vector<std::string>{mount.source};
  if (mount.type.find("overlay") == std::string::npos) return std::vector<std::string>{};
  // A runtime puts the label between quotes among the options.
  if (label.find('"') != std::string::npos) {
    return Error{"quotes in the mount label", ""};
  }
  return OverlaySources(mount.options);
}

// All that a source shows: its place, what is mounted beneath, and overlays' layers.
Result<std::vector<Location>> TreesOf(const MountPlaces& places, const FoundPlace& found,
                                      bool recursive) {
  std::vector<Location> trees = {found.at};
  if (recursive) {
    for (Location& tree : places.Beneath(found.path)) trees.push_back(std::move(tree));
  }
  std::vector<std::string> seen;
  for (size_t i = 0, count = trees.size(); i < count; ++i) {
    if (std::ranges::find(seen, trees[i].device) != seen.end()) continue;
    seen.push_back(trees[i].device);
    for (Location& layer : TRY(places.Behind(trees[i]))) trees.push_back(std::move(layer));
  }
  return trees;
}

Result<void> Look(const MountPlaces& places, const std::string& source, bool recursive,
                  SourceView& view) {
  FoundPlace found = TRY(places.FindSource(source));
  view.path = found.path;
  view.socket = found.socket;
  view.above = found.above;
  view.trees = TRY(TreesOf(places, found, recursive));
  return {};
}

void LookAtMount(const MountPlaces& places, const ContainerConfig& config, size_t index,
                 const std::string& bundle, HostView& host) {
  const MountConfig& mount = config.mounts[index];
  const auto sources = SourcesOf(mount, config.mount_label);
  if (!sources.ok()) {
    host.sources.push_back({.mount = index, .why = sources.error().message});
    return;
  }
  for (const std::string& source : sources.value()) {
    SourceView view{.mount = index};
    const Result<void> looked =
        Look(places, Absolute(source, bundle), !mount.bind || IsRecursive(mount), view);
    if (!looked.ok()) view.why = looked.error().message;
    host.sources.push_back(std::move(view));
  }
}

struct NamespaceFile {
  std::string_view type;
  const char* name;  // in /proc/PID/ns
};
constexpr std::array kFiles = {NamespaceFile{"ipc", "ipc"}, NamespaceFile{"mount", "mnt"},
                               NamespaceFile{"network", "net"}, NamespaceFile{"pid", "pid"},
                               NamespaceFile{"uts", "uts"}};

bool SameFile(const struct stat& one, const std::string& path) {
  struct stat other {};
  return stat(path.c_str(), &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

// One that cannot be looked at counts as the host's; the runtime could not join it either.
bool IsHosts(const NamespaceConfig& joined, const std::string& bundle) {
  const auto file = std::ranges::find(kFiles, joined.type, &NamespaceFile::type);
  if (file == kFiles.end()) return false;
  struct stat info {};
  if (stat(Absolute(joined.path, bundle).c_str(), &info) != 0) return true;
  const std::string name = file->name;
  return SameFile(info, "/proc/self/ns/" + name) || SameFile(info, "/proc/1/ns/" + name);
}

// "DEVNAME=fuse" in a device's uevent file (sysfs, Documentation/ABI).
std::string NameOf(const std::string& number) {
  const std::string directory = number.front() == 'b' ? "block/" : "char/";
  const Result<std::string> text =
      ReadFileCapped("/sys/dev/" + directory + number.substr(2) + "/uevent", 4096, Trust::kAnyone);
  if (!text.ok()) return "";
  constexpr std::string_view kKey = "DEVNAME=";
  const size_t at = text.value().find(kKey);
  if (at == std::string::npos) return "";
  const std::string rest = text.value().substr(at + kKey.size());
  return "/dev/" + rest.substr(0, rest.find('\n'));
}

// Without anything of the host's in the container there is nothing to compare them with.
void FindPlaces(const MountPlaces& places, const RunRule& rule, HostView& host) {
  if (host.sources.empty()) return;
  std::vector<std::string_view> wanted = PlacesOf(rule);
  wanted.insert(wanted.end(), host.own.begin(), host.own.end());
  for (std::string_view path : wanted) {
    Result<FoundPlace> found = places.Find(std::string(path));
    if (found.ok()) host.places.push_back({std::string(path), std::move(found.value().at)});
  }
}

}  // namespace

std::vector<std::string> OwnDirectories(const Paths& paths) {
  const std::string config = paths.policy.substr(0, paths.policy.rfind('/'));
  std::vector<std::string> own = {config, paths.verdicts, paths.run, paths.log};
  std::ranges::sort(own);
  // With --runward-root all lie in one directory.
  const auto inside = [&](const std::string& path) { return path.starts_with(config + "/"); };
  std::erase_if(own, inside);
  return own;
}

void LookAtDevices(const std::vector<std::string>& numbers, HostView& host) {
  for (const std::string& number : numbers) {
    std::string name = NameOf(number);
    if (!name.empty()) host.device_names.emplace_back(number, std::move(name));
  }
}

Result<void> LookAgain(const ContainerConfig& config, const RunRule& rule,
                       const std::vector<std::string>& own, HostView& host) {
  const MountPlaces places = TRY(MountPlaces::Read());
  for (SourceView& source : host.sources) {
    struct stat info {};
    if (source.trees.empty() || lstat(source.path.c_str(), &info) != 0) continue;
    Result<FoundPlace> found = places.Find(source.path);
    if (!found.ok()) continue;
    source.trees.front() = std::move(found.value().at);
    source.above = std::move(found.value().above);
  }
  host.own = own;
  host.places.clear();
  FindPlaces(places, rule, host);
  host.device_names.clear();
  LookAtDevices(DeviceNumbersOf(rule, config.devices, config.resources.devices), host);
  return {};
}

Result<HostView> LookAtHost(const ContainerConfig& config, const RunRule& rule,
                            const std::vector<std::string>& own, const std::string& bundle) {
  HostView host{.own = own};
  const MountPlaces places = TRY(MountPlaces::Read());
  for (size_t i = 0; i < config.mounts.size(); ++i) {
    LookAtMount(places, config, i, bundle, host);
  }
  FindPlaces(places, rule, host);
  for (const NamespaceConfig& one : config.namespaces) {
    if (!one.path.empty() && IsHosts(one, bundle)) host.host_namespaces.push_back(one.type);
  }
  LookAtDevices(DeviceNumbersOf(rule, config.devices, config.resources.devices), host);
  return host;
}

}  // namespace runward
