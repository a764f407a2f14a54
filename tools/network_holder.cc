#include "tools/network_holder.h"

#include <dirent.h>
#include <sys/stat.h>

#include <charconv>
#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/file.h"
#include "netfilter/network_scope.h"

namespace runward {
namespace {

constexpr uint64_t kNetworkCapabilities = 1U << 12 | 1U << 13;  // CAP_NET_ADMIN, CAP_NET_RAW
// CAP_SYS_ADMIN, CAP_BPF.
constexpr uint64_t kGroupCapabilities = kNetworkCapabilities | 1U << 21 | uint64_t{1} << 39;

uint64_t NamespaceOf(const std::string& pid, const char* kind) {
  struct stat info {};
  return stat(("/proc/" + pid + "/ns/" + kind).c_str(), &info) == 0 ? info.st_ino : 0;
}

// All of them where the kernel does not say.
uint64_t BoundingSet(const std::string& pid) {
  constexpr std::string_view kLine = "CapBnd:\t";
  const auto status = ReadFileCapped("/proc/" + pid + "/status", size_t{64} << 10, Trust::kAnyone);
  if (!status.ok()) return 0;  // it has ended
  const size_t at = status.value().find(kLine);
  uint64_t set = ~uint64_t{0};
  if (at == std::string::npos) return set;
  const char* start = status.value().data() + at + kLine.size();
  (void)std::from_chars(start, status.value().data() + status.value().size(), set, 16);
  return set;
}

// Of all processes there are.
pid_t Find(uint64_t capabilities, const std::function<bool(const std::string& pid)>& counts) {
  const CHandle<DIR, closedir> processes(opendir("/proc"));
  while (processes) {
    const dirent* entry = readdir(processes.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    pid_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) continue;
    if (counts(name) && (BoundingSet(name) & capabilities) != 0) return number;
  }
  return 0;
}

}  // namespace

pid_t HolderOfNetworkCapabilities(pid_t pid) {
  const std::string first = std::to_string(pid);
  const uint64_t network = NamespaceOf(first, "net");
  const uint64_t user = NamespaceOf(first, "user");
  return Find(kNetworkCapabilities, [&](const std::string& one) {
    return NamespaceOf(one, "net") == network && NamespaceOf(one, "user") == user;
  });
}

pid_t HolderInGroup(pid_t pid) {
  const Result<std::string> group = UnifiedGroupOf(pid);
  if (!group.ok() || group.value().size() < 2) return 0;
  return Find(kGroupCapabilities, [&](const std::string& one) {
    const Result<std::string> its = UnifiedGroupOf(static_cast<pid_t>(std::stol(one)));
    return its.ok() && (its.value() + "/").starts_with(group.value() + "/");
  });
}

}  // namespace runward
