#include "hooks/network_members.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>

#include "netfilter/network_scope.h"

namespace runward {
namespace {

using Directory = CHandle<DIR, closedir>;

std::optional<pid_t> PidOf(std::string_view name) {
  pid_t pid = 0;
  const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (status != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return pid;
}

}  // namespace

Result<std::vector<pid_t>> OthersInNetwork(const NetNamespace& space, pid_t own) {
  const Directory processes(opendir("/proc"));
  if (!processes) return ErrnoError("read \"/proc\"", errno);
  std::vector<pid_t> others;
  while (const dirent* entry = readdir(processes.get())) {
    const auto pid = PidOf(entry->d_name);
    struct stat info {};
    if (!pid || *pid == own || *pid == getpid()) continue;
    const std::string link = "/proc/" + std::to_string(*pid) + "/ns/net";
    if (stat(link.c_str(), &info) == 0 && info.st_ino == space.inode) others.push_back(*pid);
  }
  return others;
}

bool IsWithin(const std::string& group, const std::vector<std::string>& groups) {
  return std::ranges::any_of(groups, [&](const std::string& one) {
    return one.size() > 1 && (group + "/").starts_with(one + "/");
  });
}

Result<bool> IsStranger(pid_t pid, const std::vector<std::string>& groups) {
  const Result<std::string> group = UnifiedGroupOf(pid);
  if (!group.ok()) {
    if (kill(pid, 0) != 0 && errno == ESRCH) return false;
    return group.error();
  }
  return !IsWithin(group.value(), groups);
}

}  // namespace runward
