#include "oci/host_look.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/file.h"
#include "oci/mount_places.h"
#include "policy/control_parts.h"

namespace runward {
namespace {

bool HasOption(const MountConfig& mount, std::string_view option) {
  return std::ranges::find(mount.options, option) != mount.options.end();
}

std::string Absolute(const std::string& path, const std::string& bundle) {
  return !path.empty() && path.front() == '/' ? path : bundle + "/" + path;
}

// What a mount brings of the host: its source, or the layers of an overlay.
std::vector<std::string> SourcesOf(const MountConfig& mount) {
  if (mount.bind) return {mount.source};
  std::vector<std::string> sources;
  for (const std::string& option : mount.options) {
    for (std::string_view key : {"lowerdir=", "lowerdir+=", "upperdir=", "workdir=", "datadir+="}) {
      if (!option.starts_with(key)) continue;
      std::string_view rest = std::string_view(option).substr(key.size());
      while (!rest.empty()) {
        const size_t colon = std::min(rest.find(':'), rest.size());
        if (colon > 0) sources.emplace_back(rest.substr(0, colon));
        rest.remove_prefix(std::min(colon + 1, rest.size()));
      }
    }
  }
  return sources;
}

SourceView Look(const MountPlaces& places, size_t index, const MountConfig& mount,
                const std::string& source, const std::string& bundle) {
  SourceView view{.mount = index};
  const Result<FoundPlace> found = places.Find(Absolute(source, bundle));
  if (!found.ok()) {
    view.why = found.error().message;
    return view;
  }
  view.path = found.value().path;
  view.socket = found.value().socket;
  view.trees.push_back(found.value().at);
  if (!mount.bind || HasOption(mount, "rbind")) {
    for (Location& tree : places.Beneath(view.path)) view.trees.push_back(std::move(tree));
  }
  return view;
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
    if (found.ok()) source.trees.front() = std::move(found.value().at);
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
    for (const std::string& source : SourcesOf(config.mounts[i])) {
      host.sources.push_back(Look(places, i, config.mounts[i], source, bundle));
    }
  }
  FindPlaces(places, rule, host);
  for (const NamespaceConfig& one : config.namespaces) {
    if (!one.path.empty() && IsHosts(one, bundle)) host.host_namespaces.push_back(one.type);
  }
  LookAtDevices(DeviceNumbersOf(rule, config.devices, config.resources.devices), host);
  return host;
}

}  // namespace runward
