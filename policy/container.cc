#include "policy/container.h"

#include <algorithm>
#include <array>

namespace runward {
namespace {

constexpr std::array<std::string_view, 5> kRecursive = {"rbind", "rprivate", "rshared", "rslave",
                                                        "runbindable"};

}  // namespace

bool IsRecursive(const MountConfig& mount) {
  return std::ranges::any_of(mount.options, [](const std::string& option) {
    return std::ranges::find(kRecursive, option) != kRecursive.end();
  });
}

NamespaceUse UseOf(const ContainerConfig& config, const std::string& type) {
  NamespaceUse use = NamespaceUse::kHost;
  for (const NamespaceConfig& one : config.namespaces) {
    if (one.type != type) continue;
    if (!one.path.empty()) return NamespaceUse::kJoined;
    use = NamespaceUse::kOwn;
  }
  return use;
}

}  // namespace runward
