#include "policy/compliance_items.h"

#include <algorithm>
#include <array>

namespace runward {
namespace {

constexpr std::string_view kEngine = "it is the engine's, and not in the configuration";
constexpr std::string_view kPublished =
    "published ports are the engine's, not in the configuration";
constexpr std::string_view kExec = "an exec comes later; each is a record of its own";

constexpr std::array<ComplianceItem, 32> kItems = {{
    {"5.1", "Swarm mode is off where it is not needed", "docker swarm leave", "4.4.3", kEngine},
    {"5.2", "An AppArmor profile confines the container",
     "leave out --security-opt apparmor=unconfined; enable AppArmor on the host", "4.4.3", ""},
    {"5.3", "An SELinux label confines the container",
     "start the engine with SELinux enabled, where the host has it", "4.4.3", ""},
    {"5.4", "No capabilities beyond Docker's default",
     "--cap-drop ALL, then --cap-add only what is needed", "4.4.3", ""},
    {"5.5", "The container is not privileged", "leave out --privileged; add single capabilities",
     "4.5.2", ""},
    {"5.6", "No sensitive directory of the host is mounted",
     "mount a volume, or the one file that is needed, read-only", "4.5.5", ""},
    {"5.7", "No SSH server runs in the container", "use exec instead of an SSH server", "4.4.3",
     "what runs later is not in the configuration"},
    {"5.8", "No privileged port of the host is published", "publish ports above 1023", "4.4.2",
     kPublished},
    {"5.9", "Only needed ports are published", "publish single ports with -p, not -P", "4.4.2",
     kPublished},
    {"5.10", "The host's network namespace is not shared", "leave out --network host", "4.4.2", ""},
    {"5.11", "The container's memory is limited", "--memory 512m, or what it needs", "4.4.3", ""},
    {"5.12", "The container's share of the processors is set", "--cpus 1, or --cpu-shares 512",
     "4.4.3", ""},
    {"5.13", "The root filesystem is read-only", "--read-only, with --tmpfs or volumes to write to",
     "4.4.4", ""},
    {"5.14", "Published ports are bound to one interface of the host", "-p 192.0.2.1:80:80",
     "4.4.2", kPublished},
    {"5.15", "A restart policy tries no more than five times", "--restart on-failure:5", "4.4.3",
     kEngine},
    {"5.16", "The host's process namespace is not shared", "leave out --pid host", "4.4.3", ""},
    {"5.17", "The host's IPC namespace is not shared", "leave out --ipc host", "4.4.3", ""},
    {"5.18", "No device of the host is exposed", "leave out --device", "4.4.3", ""},
    {"5.19", "Resource limits are set where the defaults do not suit",
     "--ulimit nofile=1024:2048, or what it needs", "4.4.3", ""},
    {"5.20", "No mount propagates to the host", "leave out shared and rshared", "4.5.5", ""},
    {"5.21", "The host's UTS namespace is not shared", "leave out --uts host", "4.4.3", ""},
    {"5.22", "A seccomp profile restricts system calls",
     "leave out --security-opt seccomp=unconfined", "4.4.4", ""},
    {"5.23", "No exec is privileged", "docker exec without --privileged", "4.4.3", kExec},
    {"5.24", "No exec is root's", "docker exec --user, and a user in the image", "4.4.3", kExec},
    {"5.25", "The container is in the cgroup that its engine chooses",
     "leave out --cgroup-parent, or confirm it", "4.4.3", ""},
    {"5.26", "The process cannot gain privileges", "--security-opt no-new-privileges", "4.4.3", ""},
    {"5.27", "The container's health is checked", "--health-cmd, or HEALTHCHECK in the image",
     "4.4.4", kEngine},
    {"5.28", "The image is its newest version", "pull again before the start; pin by digest",
     "4.2.2", "the registry knows, and is not asked"},
    {"5.29", "The number of processes is limited", "--pids-limit 100, or what it needs", "4.4.3",
     ""},
    {"5.30", "Docker's default bridge is not used", "docker network create, and --network NAME",
     "4.4.2", kEngine},
    {"5.31", "The host's user namespace is not shared",
     "userns-remap in daemon.json, or a rootless engine; leave out --userns host", "4.5.2", ""},
    {"5.32", "No engine's socket is mounted", "leave the socket out: who holds it is root", "4.5.5",
     ""},
}};

struct Section {
  std::string_view id;
  std::string_view title;
};
constexpr std::array<Section, 6> kSections = {{
    {"4.2.2", "Stale images in registries"},
    {"4.4.2", "Unbounded network access from containers"},
    {"4.4.3", "Insecure container runtime configurations"},
    {"4.4.4", "App vulnerabilities"},
    {"4.5.2", "Shared kernel"},
    {"4.5.5", "Host file system tampering"},
}};

}  // namespace

std::span<const ComplianceItem> ComplianceItems() { return kItems; }

std::string_view NistTitle(std::string_view section) {
  const auto* found = std::ranges::find(kSections, section, &Section::id);
  return found == kSections.end() ? "" : found->title;
}

}  // namespace runward
