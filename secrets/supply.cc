#include "secrets/supply.h"

#include "secrets/place.h"
#include "secrets/tmpfs.h"

namespace runward {
namespace {

Result<void> Attach(const HandedFilesystem& one, int target, pid_t pid) {
  const Attached attached = TRY(AttachTmpfs(one.mount, target, pid));
  if (attached == Attached::kDone) return {};
  return WhyNotThere(pid, target, one.directory);
}

}  // namespace

Result<void> SupplySecrets(pid_t pid, const std::string& rootfs,
                           const std::vector<HandedFilesystem>& filesystems) {
  const UniqueFd root = TRY(RootBeforeStart(pid, rootfs));
  std::vector<UniqueFd> targets;
  targets.reserve(filesystems.size());
  for (const HandedFilesystem& one : filesystems) {
    targets.push_back(TRY(PlaceForSecrets(pid, root.get(), one.directory)));
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    Result<void> attached = Attach(filesystems[i], targets[i].get(), pid);
    if (attached.ok()) continue;
    for (size_t done = 0; done <= i; ++done) Detach(filesystems[done].mount, pid);
    return attached;
  }
  return {};
}

}  // namespace runward
