#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runward {

// What an OCI configuration (runtime-spec config.md, config-linux.md) decides about what a
// container may be: the one view of config.json and process.json that run controls, compliance and
// replay evaluate. Strings are as given; nothing is checked against what a kernel or a runtime
// knows. An absent value and null are one, as for runc. oci/container.h fills it.

// process.capabilities. A set that is absent is empty: a runtime that is given none takes all away.
struct CapabilitySets {
  std::vector<std::string> bounding;
  std::vector<std::string> effective;
  std::vector<std::string> inheritable;
  std::vector<std::string> permitted;
  std::vector<std::string> ambient;
};

struct Rlimit {
  std::string type;  // "RLIMIT_NOFILE"
  uint64_t soft = 0;
  uint64_t hard = 0;
};

struct ProcessConfig {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> additional_gids;
  std::vector<std::string> args;
  std::vector<std::string> env;  // "NAME=value"
  std::string cwd;
  bool terminal = false;
  // Absent: of a container, none at all; of an exec, those of the container.
  std::optional<CapabilitySets> capabilities;
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::string selinux_label;
  std::vector<Rlimit> rlimits;
  std::optional<int64_t> oom_score_adj;
};

struct NamespaceConfig {
  std::string type;  // "cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"
  std::string path;  // "": a new one; otherwise the one that is joined
};

struct MountConfig {
  std::string destination;
  std::string type;
  std::string source;
  std::vector<std::string> options;
  bool bind = false;       // of something on the host: by type, or by option bind or rbind
  bool read_only = false;  // option ro or rro is the last of its kind
};

struct DeviceNode {
  std::string path;
  std::string type;  // "c", "b", "u", "p"
  int64_t major = 0;
  int64_t minor = 0;
  std::optional<int64_t> file_mode;
};

// linux.resources.devices: applied in order.
struct DeviceRule {
  bool allow = false;
  std::string type;              // "a", "b", "c"; "" is "a"
  std::optional<int64_t> major;  // absent or -1: any
  std::optional<int64_t> minor;
  std::string access;  // letters of "rwm"
};

struct ResourceLimits {
  std::vector<DeviceRule> devices;
  std::optional<int64_t> memory_limit;  // bytes; -1: none
  std::optional<int64_t> memory_swap;   // bytes, memory included; -1: none
  std::optional<int64_t> memory_reservation;
  bool disable_oom_killer = false;
  // "cpu" stands there as "CPU" or the like, which runc reads as well and crun does not: the
  // limits of the CPU are not known, and not read.
  bool cpu_respelled = false;
  std::optional<uint64_t> cpu_shares;
  std::optional<int64_t> cpu_quota;                          // microseconds in a period; -1: none
  std::optional<int64_t> pids_limit;                         // -1: none (0 too, for runc)
  std::vector<std::pair<std::string, std::string>> unified;  // cgroup v2 files
};

// linux.seccomp, in brief; the rules themselves are composed as text (policy/seccomp_compose.h).
struct SeccompSummary {
  std::string default_action;  // "SCMP_ACT_ERRNO"
  std::vector<std::string> architectures;
  std::vector<std::string> flags;
  std::string listener_path;
  size_t rules = 0;             // that deny a call
  bool allows_unnamed = false;  // the default lets a call through: ALLOW, LOG, TRACE, NOTIFY
};

struct HookConfig {
  std::string stage;  // "prestart", "createRuntime", ...
  std::string path;
  std::vector<std::string> args;
};

struct ContainerConfig {
  std::string oci_version;
  std::string rootfs;  // root.path, made absolute against the bundle; symlinks not resolved
  bool read_only_root = false;
  std::string hostname;
  std::string domainname;
  ProcessConfig process;
  std::vector<NamespaceConfig> namespaces;
  std::vector<MountConfig> mounts;  // in order
  std::vector<DeviceNode> devices;
  ResourceLimits resources;
  std::optional<SeccompSummary> seccomp;  // absent: unconfined
  std::vector<std::string> masked_paths;
  std::vector<std::string> read_only_paths;
  std::vector<std::pair<std::string, std::string>> sysctls;
  std::vector<HookConfig> hooks;  // those of one stage in order
  std::vector<std::pair<std::string, std::string>> annotations;
  std::string cgroups_path;
  std::string rootfs_propagation;
  std::string mount_label;
  std::string intel_rdt_closid;
  size_t uid_mappings = 0;  // entries of linux.uidMappings
  size_t gid_mappings = 0;
};

// Whether the container gets a namespace of the type that is new, joins another's, or keeps that
// of whoever starts it (the host's, as the configuration alone can tell). A type listed twice
// counts by its last entry that joins.
enum class NamespaceUse : uint8_t { kOwn, kJoined, kHost };
NamespaceUse UseOf(const ContainerConfig& config, const std::string& type);

// Whether a bind brings what is mounted beneath its source too. A propagation word that begins with
// "r" makes it so: crun hands that word's MS_REC to the bind itself.
bool IsRecursive(const MountConfig& mount);

}  // namespace runward
