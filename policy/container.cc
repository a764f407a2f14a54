#include "policy/container.h"

namespace runward {

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
