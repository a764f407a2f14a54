#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace runward {

// The size up to which config.json, process.json and resources are read. Engines' own are below
// 64 KiB; a long environment is bounded by execve(2)'s 2 MiB.
inline constexpr size_t kMaxSpecBytes = size_t{4} << 20;

// What is to be executed, for the event and the gates; from config.json's "process" or a
// process.json.
struct Process {
  std::vector<std::string> args;
  std::vector<std::string> env;  // "NAME=value"
  std::string user;              // "uid:gid"
};

struct SpecMount {
  std::string destination;  // as given
  // A filesystem of the kernel's own that starts empty, or whose symlinks stay inside it: tmpfs,
  // devpts, mqueue, cgroup, cgroup2, sysfs. Not proc, where "self/root" leads out, and nothing
  // whose content somebody else made.
  bool settled = false;
};

// What the gates need to know of an OCI runtime configuration (runtime-spec config.md). The file
// itself is not changed. A key that is spelled twice, or once in a case that Go would also accept,
// is an error on every path that is read here.
struct Spec {
  std::string rootfs;  // root.path, made absolute against the bundle; symlinks not yet resolved
  Process process;
  std::vector<SpecMount> mounts;     // in order, which is the order in which they are made
  bool own_mount_namespace = false;  // a new one; not the host's and not one that was joined
  std::string unsigned_name;         // what CRI says the image is called; decides nothing
};

// The document of a configuration, to be read in several ways; `name` is for messages.
Result<JsonDocument> ReadSpec(std::string text, std::string_view name);
Result<Spec> SpecFrom(const JsonDocument& document, std::string_view name,
                      const std::string& bundle);

// `name` is for messages; `bundle` is absolute.
Result<Spec> ParseSpec(std::string text, std::string_view name, const std::string& bundle);
Result<Process> ParseProcess(std::string text, std::string_view name);
// `runward update`'s resources: only that they are one JSON object that reads one way.
Result<void> CheckResources(std::string text, std::string_view name);

// "/a/../b//c" is "/b/c", "" is "/": lexically, as runc cleans a mount's destination.
std::string CleanPath(std::string_view path);

}  // namespace runward
