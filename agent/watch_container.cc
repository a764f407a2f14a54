#include "agent/watch_container.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "agent/fanotify_group.h"
#include "agent/kernel_plan.h"
#include "agent/mount_view.h"
#include "oci/secret_config.h"

namespace runward {
namespace {

std::string LinkTo(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

bool Excepted(const CommandRule& rule, const std::string& place) {
  return std::ranges::any_of(rule.drift_except, [&](const std::string& directory) {
    return place == directory || place.starts_with(directory + "/");
  });
}

Result<void> WatchMount(Watched& container, const ContainerMount& one, int root,
                        const FanotifyWatch& watch) {
  if (one.watch == Watch::kNothing || Excepted(container.rule, one.place)) return {};
  if (container.helper && one.place == kEnvHelper) {
    const UniqueFd file = OpenIn(root, one.place);
    return WatchFile(watch.group, LinkTo(file.get()));
  }
  if (one.watch == Watch::kShared) {
    const bool enforced = container.record.mode == Mode::kEnforce && !container.rule.permits_all();
    if (watch.backed || !enforced) return {};
    return Error{"what is executed from \"" + one.place + "\" cannot be watched: it is a " +
                     one.mount.type + " that the host shares, and not mounted noexec",
                 one.place == "/" ? "use the engine's overlay storage driver"
                                  : "mount it noexec, or list it in \"driftExcept\""};
  }
  const UniqueFd place = OpenIn(root, one.place);
  if (!place.valid()) return ErrnoError("open \"" + one.place + "\" in the container", errno);
  TRY(WatchFilesystem(watch.group, LinkTo(place.get())));
  container.asked.push_back(DeviceOf(one.mount));
  return {};
}

// What a caller has in its memory another of its threads can change.
Result<void> NeedsNoKernel(const Watched& container) {
  if (container.rule.arguments.empty() || container.record.mode == Mode::kAudit) return {};
  return Error{"rules about arguments need a program in the kernel, which could not be loaded",
               "see runwardctl doctor, or leave out \"arguments\""};
}

}  // namespace

Result<void> WatchContainer(Watched& container, const FanotifyWatch& watch) {
  if (watch.group < 0)
    return Error{"fanotify, which these rules need, is not to be had here",
                 "see runwardctl doctor"};
  if (!watch.backed) TRY(NeedsNoKernel(container));
  const UniqueFd root = TRY(RootOf(container.pid, container.record.rootfs));
  for (const ContainerMount& one : container.mounts) {
    TRY(WatchMount(container, one, root.get(), watch));
  }
  for (const std::string& path : container.files.denied) {
    const UniqueFd file = OpenIn(root.get(), path);
    if (file.valid()) TRY(WatchFile(watch.group, LinkTo(file.get())));
  }
  return {};
}

Result<void> KeepAsItIs(Watched& container, int group) {
  container.reads_arguments = !container.rule.arguments.empty();
  const bool own = container.mounts.front().watch == Watch::kOwn;
  container.mounts = {};
  if (group < 0 || !own) return {};
  return WatchFilesystem(group, "/proc/" + std::to_string(container.pid) + "/root");
}

}  // namespace runward
