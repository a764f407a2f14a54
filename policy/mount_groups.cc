#include "policy/mount_groups.h"

#include <algorithm>
#include <array>

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 1> kBpf = {"/sys/fs/bpf"};
constexpr std::array<string_view, 13> kSockets = {
    "/run/buildkit/buildkitd.sock",
    "/run/containerd/containerd.sock",
    "/run/containerd/containerd.sock.ttrpc",
    "/run/cri-dockerd.sock",
    "/run/crio/crio.sock",
    "/run/docker.sock",
    "/run/docker/containerd/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/systemd/private",
    "/var/run/containerd/containerd.sock",
    "/var/run/crio/crio.sock",
    "/var/run/docker.sock",
};
constexpr std::array<string_view, 14> kState = {
    "/etc/containerd",     "/etc/containers",     "/etc/docker",     "/etc/kubernetes",
    "/run/containerd",     "/run/containers",     "/run/crio",       "/run/docker",
    "/var/lib/containerd", "/var/lib/containers", "/var/lib/docker", "/var/lib/etcd",
    "/var/lib/kubelet",    "/var/lib/nerdctl",
};
constexpr std::array<string_view, 14> kHost = {
    "/bin", "/boot", "/dev",  "/etc", "/lib",  "/lib32", "/lib64",
    "/opt", "/proc", "/root", "/run", "/sbin", "/sys",   "/usr",
};

constexpr std::array<MountGroup, 5> kGroups = {{
    {"@bpf", "Where programs and maps of the kernel are pinned.", kBpf},
    {"@engine-sockets",
     "Sockets of engines: who reaches one is root on the host. A socket of such a name counts "
     "wherever it lies.",
     kSockets},
    {"@engine-state", "Directories of engines, with all containers' files and secrets.", kState},
    {"@host", "The host's own system directories.", kHost},
    {kOwnGroup, "runward's own directories, which enforce mode protects in any case.", {}},
}};

constexpr std::array<EngineFile, 27> kEngineFiles = {{
    {"/run/containerd", "io.containerd.grpc.v1.cri/sandboxes/*/hostname"},
    {"/run/containerd", "io.containerd.grpc.v1.cri/sandboxes/*/hosts"},
    {"/run/containerd", "io.containerd.grpc.v1.cri/sandboxes/*/resolv.conf"},
    {"/run/containerd", "io.containerd.grpc.v1.cri/sandboxes/*/shm"},
    {"/run/containers", "storage/overlay-containers/*/userdata/*"},
    {"/run/containers", "storage/overlay-containers/*/userdata/run/*"},
    {"/usr/bin", "docker-init"},
    {"/usr/bin", "catatonit"},
    {"/usr/bin", "tini"},
    {"/usr/bin", "tini-static"},
    {"/usr/libexec", "docker/docker-init"},
    {"/usr/libexec", "podman/catatonit"},
    {"/var/lib/containerd", "io.containerd.grpc.v1.cri/sandboxes/*/hostname"},
    {"/var/lib/containerd", "io.containerd.grpc.v1.cri/sandboxes/*/hosts"},
    {"/var/lib/containerd", "io.containerd.grpc.v1.cri/sandboxes/*/resolv.conf"},
    {"/var/lib/containers", "storage/overlay-containers/*/userdata/*"},
    {"/var/lib/containers", "storage/volumes/*/_data"},
    {"/var/lib/docker", "containers/*/hostname"},
    {"/var/lib/docker", "containers/*/hosts"},
    {"/var/lib/docker", "containers/*/mounts/shm"},
    {"/var/lib/docker", "containers/*/resolv.conf"},
    {"/var/lib/docker", "volumes/*/_data"},
    {"/var/lib/kubelet", "pods/*/containers/*/*"},
    {"/var/lib/kubelet", "pods/*/etc-hosts"},
    {"/var/lib/kubelet", "pods/*/volume-subpaths/*/*/*"},
    {"/var/lib/kubelet", "pods/*/volumes/*/*"},
    {"/var/lib/nerdctl", "*/etchosts/*/*/hosts"},
}};

constexpr std::array<string_view, 8> kSocketNames = {
    "buildkitd.sock", "containerd.sock", "containerd.sock.ttrpc", "cri-dockerd.sock",
    "crio.sock",      "docker.sock",     "dockershim.sock",       "podman.sock",
};

}  // namespace

std::span<const MountGroup> MountGroups() { return kGroups; }

const MountGroup* FindMountGroup(string_view name) {
  const auto found = std::ranges::find(kGroups, name, &MountGroup::name);
  return found == kGroups.end() ? nullptr : &*found;
}

std::span<const EngineFile> EngineFiles() { return kEngineFiles; }

bool IsEngineSocketName(string_view basename) {
  return std::ranges::binary_search(kSocketNames, basename);
}

}  // namespace runward
