#include "agent/registry.h"

#include <unistd.h>

#include <algorithm>

#include "agent/process_view.h"

namespace runward {

Watched& Registry::Add(Watched container) {
  Remove(container.key);
  auto owned = std::make_unique<Watched>(std::move(container));
  Watched& added = *owned;
  by_namespace_[added.pid_namespace].push_back(&added);
  containers_[added.key] = std::move(owned);
  return added;
}

void Registry::Remove(const std::string& key) {
  const auto found = containers_.find(key);
  if (found == containers_.end()) return;
  Watched* gone = found->second.get();
  Sharing& sharing = by_namespace_[gone->pid_namespace];
  std::erase(sharing, gone);
  if (sharing.empty()) by_namespace_.erase(gone->pid_namespace);
  containers_.erase(found);
}

Watched* Registry::Find(const std::string& key) {
  const auto found = containers_.find(key);
  return found == containers_.end() ? nullptr : found->second.get();
}

Watched* Registry::Numbered(uint64_t number) {
  const auto found = std::ranges::find_if(
      containers_, [number](const auto& one) { return one.second->number == number; });
  return found == containers_.end() ? nullptr : found->second.get();
}

Registry::Sharing Registry::Among(const Sharing& sharing, pid_t task, bool host) const {
  const std::string groups = ControlGroupsOf(task);
  const uint64_t mounts = MountNamespaceOf(task);
  for (Watched* one : sharing) {
    if (InControlGroup(groups, one->control_groups)) return {one};
  }
  for (Watched* one : sharing) {
    if (one->mount_namespace == mounts) return {one};
  }
  return host ? Sharing{} : sharing;
}

std::vector<Watched*> Registry::Of(pid_t task) {
  static const uint64_t kHost = PidNamespaceOf(getpid());
  const uint64_t own = PidNamespaceOf(task);
  const auto answer = [&](const Sharing& sharing, uint64_t space) {
    const bool host = space == kHost;
    return sharing.size() == 1 && !host ? sharing : Among(sharing, task, host);
  };
  if (const auto found = by_namespace_.find(own); found != by_namespace_.end()) {
    return answer(found->second, own);
  }
  if (own == kHost) return {};
  for (const uint64_t above : PidNamespacesAbove(task)) {
    const auto found = by_namespace_.find(above);
    if (found != by_namespace_.end()) return answer(found->second, above);
  }
  return {};
}

}  // namespace runward
