#include "agent/watch_container.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "agent/fanotify_group.h"
#include "agent/loader_rule.h"
#include "agent/mount_view.h"
#include "agent/process_view.h"
#include "agent/tier_probe.h"
#include "agent/watch_volumes.h"
#include "oci/secret_config.h"

namespace runward {
namespace {

bool Excepted(const CommandRule& rule, const std::string& place) {
  return std::ranges::any_of(rule.drift_except, [&](const std::string& directory) {
    return place == directory || place.starts_with(directory + "/");
  });
}

UniqueFd FindFilesystem(const Watched& container, uint64_t device) {
  constexpr size_t kMost = 256;
  std::vector<pid_t> processes = ProcessesOf(container.pid_namespace, kMost);
  processes.insert(processes.begin(), {container.pid, getpid()});
  for (const pid_t pid : processes) {
    UniqueFd there = OpenOnDevice(pid, device);
    if (there.valid()) return there;
  }
  return {};
}

// A container that has another root by now has none there to execute.
Result<void> WatchHelper(const Watched& container, const UniqueFd& file,
                         const FanotifyWatch& watch) {
  struct stat info {};
  const bool there = fstat(file.get(), &info) == 0 && info.st_ino == container.helper->inode;
  if (watch.again != nullptr && !there) return {};
  return WatchFile(watch.group, LinkTo(file.get()));
}

Result<void> WatchOwn(Watched& container, const ContainerMount& one, int root,
                      const FanotifyWatch& watch) {
  const uint64_t device = DeviceOf(one.mount);
  container.asked.push_back(device);
  if (watch.again != nullptr && watch.again->filesystems.contains(device)) return {};
  const UniqueFd place =
      watch.again != nullptr ? FindFilesystem(container, device) : OpenIn(root, one.place);
  if (!place.valid()) return ErrnoError("open \"" + one.place + "\" in the container", errno);
  return WatchFilesystem(watch.group, LinkTo(place.get()));
}

Result<void> WatchMount(Watched& container, const ContainerMount& one, int root,
                        const FanotifyWatch& watch) {
  if (one.watch == Watch::kNothing) return {};
  if (container.helper && one.place == kEnvHelper) {
    return WatchHelper(container, OpenIn(root, one.place), watch);
  }
  const bool excepted = Excepted(container.rule, one.place);
  if (one.watch == Watch::kShared) {
    const bool enforced = container.record.mode == Mode::kEnforce && !container.rule.permits_all();
    if (watch.behind || !enforced || excepted) return {};
    return Error{"what is executed from \"" + one.place + "\" cannot be watched: it is a " +
                     one.mount.type + " that the host shares, and not mounted noexec",
                 one.place == "/" ? "use the engine's overlay storage driver"
                                  : "mount it noexec, or list it in \"driftExcept\""};
  }
  // What is built there the kernel's programs judge faster.
  if (excepted && watch.behind && !container.needs_agent) return {};
  return WatchOwn(container, one, root, watch);
}

// Files that are asked about when they are opened were marked in the group with their filesystems.
bool AsksStill(const Watched& container, const Marked& known) {
  const auto marked = [&](uint64_t one) { return known.filesystems.contains(one); };
  return !container.asked.empty() && std::ranges::all_of(container.asked, marked);
}

// What a caller has in its memory another of its threads can change.
Result<void> NeedsNoKernel(const Watched& container) {
  if (container.record.mode == Mode::kAudit) return {};
  if (!container.rule.arguments.empty()) {
    return Error{"rules about arguments need a program in the kernel, which could not be loaded",
                 "see runwardctl doctor, or leave out \"arguments\""};
  }
  if (!container.loader_forbidden) return {};
  static bool proven = false;  // of the kernel, which stays what it is
  if (!proven) TRY(ProveStages());
  proven = true;
  return {};
}

// On a volume: who is asked about the file would be asked when the host opens it, too. What lies
// in the root nobody else opens, overlay or not.
bool IsHosts(const Watched& container, int file, const struct stat& info) {
  struct statx more {};
  if (statx(file, "", AT_EMPTY_PATH, STATX_MNT_ID, &more) != 0) return true;
  const auto shared = [](const ContainerMount& one) {
    return one.watch == Watch::kShared && one.place != "/";
  };
  const auto id = [](const ContainerMount& one) { return one.mount.id; };
  const auto known = std::ranges::find(container.mounts, more.stx_mnt_id, id);
  if (known != container.mounts.end()) return shared(*known);
  return std::ranges::any_of(container.mounts, [&](const ContainerMount& one) {
    return shared(one) && DeviceOf(one.mount) == info.st_dev;
  });
}

Result<void> WatchFilesystems(Watched& container, const FanotifyWatch& watch, int root) {
  container.asked.clear();
  for (const ContainerMount& one : container.mounts) {
    TRY(WatchMount(container, one, root, watch));
  }
  for (const std::string& path : container.files.denied) {
    const UniqueFd file = OpenIn(root, path);
    struct stat info {};
    if (!file.valid() || fstat(file.get(), &info) != 0) continue;
    if (!container.files.names.contains(info.st_ino)) continue;  // another lies there by now
    if (IsHosts(container, file.get(), info)) continue;
    TRY(WatchFile(watch.group, LinkTo(file.get())));
  }
  return {};
}

}  // namespace

Result<void> WatchContainer(Watched& container, const FanotifyWatch& watch) {
  if (watch.group < 0)
    return Error{"fanotify, which these rules need, is not to be had here",
                 "see runwardctl doctor"};
  container.kernel_behind = watch.behind.has_value();
  container.loader_forbidden = LoaderGoesRound(container.rule, container.files, watch.behind);
  if (!watch.behind && watch.again == nullptr) TRY(NeedsNoKernel(container));
  if (watch.again == nullptr) {
    const UniqueFd root = TRY(RootOf(container.pid, container.record.rootfs));
    TRY(WatchFilesystems(container, watch, root.get()));
    return WatchVolumes(container, watch, root.get());
  }
  if (!AsksStill(container, *watch.again)) {
    if (!watch.look) return Error{"its filesystems or memory kept runward-agent waiting", ""};
    const UniqueFd root = FindFilesystem(container, DeviceOf(container.mounts.front().mount));
    TRY(WatchFilesystems(container, watch, root.get()));
  }
  return WatchVolumesAgain(container, watch);
}

void WatchWhatIsThere(const Watched& container, const FanotifyWatch& watch) {
  if (watch.group < 0) return;
  for (const ContainerMount& one : container.mounts) {
    if (one.watch != Watch::kOwn || !watch.look) continue;
    const UniqueFd there = FindFilesystem(container, DeviceOf(one.mount));
    if (there.valid()) (void)WatchFilesystem(watch.group, LinkTo(there.get())).ok();
  }
  const auto mounts = LookAtMounts(container.pid, container.record.rootfs);
  if (!mounts.ok()) return;
  for (const ContainerMount& one : mounts.value()) {
    if (one.watch != Watch::kOwn || !watch.look) continue;
    const UniqueFd there = OpenOnDevice(container.pid, DeviceOf(one.mount));
    if (there.valid()) (void)WatchFilesystem(watch.group, LinkTo(there.get())).ok();
  }
  if (mounts.value().front().watch != Watch::kOwn) return;
  const std::string root = "/proc/" + std::to_string(container.pid) + "/root";
  (void)WatchFilesystem(watch.group, root).ok();
}

}  // namespace runward
