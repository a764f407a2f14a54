#include <algorithm>
#include <array>
#include <string_view>

#include "policy/compliance_parts.h"
#include "policy/control_parts.h"
#include "policy/mount_groups.h"

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 7> kSensitive = {"/boot", "/dev", "/etc", "/lib",
                                                   "/proc", "/sys", "/usr"};
// What engines bind for a container that shares the host's IPC namespace: 5.17's matter.
constexpr std::array<string_view, 2> kShared = {"/dev/mqueue", "/dev/shm"};
// Where engines' sockets lie: whoever gets a directory above gets the socket.
constexpr std::array<string_view, 5> kSocketPlaces = {
    "/run/docker.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock",
    "/run/podman/podman.sock", "/run/cri-dockerd.sock"};
// Nodes that runtimes and engines give every container.
constexpr std::array<string_view, 9> kDefaultNodes = {"/dev/console", "/dev/full",    "/dev/fuse",
                                                      "/dev/null",    "/dev/ptmx",    "/dev/random",
                                                      "/dev/tty",     "/dev/urandom", "/dev/zero"};

bool IsOrBeneath(string_view path, string_view directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

void Add(const std::string& word, std::string& list) {
  if (list.size() > 96) return;  // a record shows no more
  list += (list.empty() ? "" : ", ") + word;
}

Checked Joined(const CheckInput& input, const std::string& type) {
  const NamespaceUse use = UseOf(input.config, type);
  const bool hosts =
      std::ranges::find(input.host.host_namespaces, type) != input.host.host_namespaces.end();
  if (use == NamespaceUse::kHost) return {CheckStatus::kFail, "the host's"};
  if (use == NamespaceUse::kJoined && hosts) return {CheckStatus::kFail, "the host's, by its path"};
  return {CheckStatus::kPass, use == NamespaceUse::kJoined ? "another container's" : ""};
}

}  // namespace

Checked CheckSensitiveMounts(const CheckInput& input) {
  std::string open;
  std::string read_only;
  for (const SourceView& source : input.host.sources) {
    const string_view path = source.path;
    if (std::ranges::find(kShared, path) != kShared.end()) continue;
    const bool whole = path == "/" || std::ranges::find(kSensitive, path) != kSensitive.end();
    const bool beneath = std::ranges::any_of(
        kSensitive, [&](string_view directory) { return IsOrBeneath(path, directory); });
    if (!whole && !beneath) continue;
    const bool fails = whole || !input.config.mounts[source.mount].read_only;
    Add(source.path, fails ? open : read_only);
  }
  if (!open.empty()) return {CheckStatus::kFail, open};
  if (!read_only.empty()) return {CheckStatus::kWarn, read_only + ", read-only"};
  return {};
}

Checked CheckEngineSockets(const CheckInput& input) {
  std::string found;
  for (const SourceView& source : input.host.sources) {
    const string_view name = string_view(source.path).substr(source.path.rfind('/') + 1);
    const bool above =
        !source.path.empty() && std::ranges::any_of(kSocketPlaces, [&](string_view place) {
          return IsOrBeneath(place, source.path);
        });
    if (above || IsEngineSocketName(name)) Add(source.path, found);
  }
  return found.empty() ? Checked{} : Checked{CheckStatus::kFail, found};
}

Checked CheckPropagation(const CheckInput& input) {
  std::string shared;
  for (const MountConfig& mount : input.config.mounts) {
    const bool is = std::ranges::any_of(mount.options, [](const std::string& option) {
      return option == "shared" || option == "rshared";
    });
    if (is) Add(mount.destination, shared);
  }
  const std::string& root = input.config.rootfs_propagation;
  if (root == "shared" || root == "rshared") Add("the root filesystem", shared);
  return shared.empty() ? Checked{} : Checked{CheckStatus::kFail, shared};
}

Checked CheckNetwork(const CheckInput& input) { return Joined(input, "network"); }
Checked CheckPid(const CheckInput& input) { return Joined(input, "pid"); }
Checked CheckIpc(const CheckInput& input) { return Joined(input, "ipc"); }
Checked CheckUts(const CheckInput& input) { return Joined(input, "uts"); }

// The item asks that none leaves a remapping that the engine was told to make; a configuration
// does not say whether it was.
Checked CheckUserNamespace(const CheckInput& input) {
  if (UseOf(input.config, "user") == NamespaceUse::kHost) {
    return {CheckStatus::kWarn, "the host's; root inside is root outside"};
  }
  return {};
}

Checked CheckDevices(const CheckInput& input) {
  std::string nodes;
  for (const DeviceNode& node : input.config.devices) {
    const bool given = std::ranges::find(kDefaultNodes, node.path) != kDefaultNodes.end();
    if (!given) Add(node.path, nodes);
  }
  if (!nodes.empty()) return {CheckStatus::kFail, nodes};  // engines allow each by a rule
  for (const DeviceRule& rule : input.config.resources.devices) {
    const bool fuse = rule.type == "c" && rule.major == 10 && rule.minor == 229;
    if (!fuse && OpensDevices(rule)) Add("access to " + Shown(rule), nodes);
  }
  return nodes.empty() ? Checked{} : Checked{CheckStatus::kFail, nodes};
}

}  // namespace runward
