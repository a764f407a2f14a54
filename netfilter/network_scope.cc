#include "netfilter/network_scope.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/control_groups.h"
#include "base/file.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr size_t kMaxBytes = size_t{64} << 10;
constexpr const char* kHint = "give it a network of its own";

// Its line of proc(5)'s cgroup: "0::/path".
std::string UnifiedPath(std::string_view groups) {
  constexpr std::string_view kUnified = "0::";
  while (!groups.empty()) {
    const std::string_view line = groups.substr(0, groups.find('\n'));
    groups.remove_prefix(std::min(groups.size(), line.size() + 1));
    if (line.starts_with(kUnified)) return std::string(line.substr(kUnified.size()));
  }
  return "";
}

Result<std::string> UnifiedMount() {
  std::string place = UnifiedHierarchy();
  if (!place.empty()) return place;
  return Error{"the unified hierarchy of control groups is not mounted", kHint};
}

}  // namespace

Result<std::string> UnifiedGroupOf(pid_t pid) {
  return UnifiedPath(
      TRY(ReadFileCapped("/proc/" + std::to_string(pid) + "/cgroup", kMaxBytes, Trust::kAnyone)));
}

Result<CgroupScope> ControlGroupOf(pid_t pid) {
  const std::string path = TRY(UnifiedGroupOf(pid));
  if (path.size() < 2 || path.starts_with("/..")) {
    return Error{"it has no control group of its own in the unified hierarchy", kHint};
  }
  const std::string directory = TRY(UnifiedMount()) + path;
  const std::string members =
      TRY(ReadFileCapped(directory + "/cgroup.procs", kMaxBytes, Trust::kAnyone));
  if (members != std::to_string(pid) + "\n") {
    return Error{"other processes are in its control group \"" + path + "\"", kHint};
  }
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0)
    return ErrnoError("look at \"" + directory + "\"", errno);
  return CgroupScope{.id = info.st_ino,
                     .level = static_cast<uint32_t>(std::ranges::count(path, '/')),
                     .path = path.substr(1)};
}

Result<std::string> GroupDirectory(const CgroupScope& scope) {
  std::string directory = TRY(UnifiedMount()) + "/" + scope.path;
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0)
    return ErrnoError("look at \"" + directory + "\"", errno);
  if (info.st_ino == scope.id) return directory;
  return Error{"the control group \"" + scope.path + "\" is not the container's any more",
               "start the container again"};
}

Result<void> WriteNetworkScope(const std::string& path, const CgroupScope& scope) {
  const nlohmann::ordered_json json{{"id", scope.id}, {"level", scope.level}, {"path", scope.path}};
  return WriteFileAtomic(path, json.dump(-1, ' ', true) + "\n", 0600, /*sync=*/false);
}

Result<std::optional<CgroupScope>> ReadNetworkScope(const std::string& path) {
  if (FileMissing(path)) return std::optional<CgroupScope>();
  std::string text = TRY(ReadFileCapped(path, kMaxBytes, Trust::kOwner));
  const JsonDocument document = TRY(JsonDocument::Parse(std::move(text), {.max_depth = 2}));
  const int64_t id = TRY(document.root().Find("id").Int());
  const int64_t level = TRY(document.root().Find("level").Int());
  if (id <= 0 || level <= 0 || level > UINT8_MAX) {
    return Error{"\"" + path + "\" is not what runward writes", "start the container again"};
  }
  CgroupScope scope;
  scope.id = static_cast<uint64_t>(id);
  scope.level = static_cast<uint32_t>(level);
  scope.path = TRY(document.root().Find("path").String());
  return std::optional<CgroupScope>(std::move(scope));
}

}  // namespace runward
