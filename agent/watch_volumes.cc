#include "agent/watch_volumes.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "agent/process_view.h"
#include "base/file.h"
#include "base/json.h"

namespace runward {
namespace {

// That the kernel answers for by itself. What it does not know is none of them.
constexpr std::array<std::string_view, 23> kKernelAnswers = {
    "bcachefs", "btrfs",    "erofs", "exfat",  "ext2",  "ext3",    "ext4",  "f2fs",
    "hfsplus",  "iso9660",  "jfs",   "nilfs2", "ntfs3", "overlay", "ramfs", "reiserfs",
    "rootfs",   "squashfs", "tmpfs", "udf",    "vfat",  "xfs",     "zfs"};

bool KernelAnswers(const Mount& mount) {
  return std::ranges::find(kKernelAnswers, mount.type) != kKernelAnswers.end();
}

bool MayBeAsked(const ContainerMount& one) {
  return one.watch == Watch::kShared && KernelAnswers(one.mount);
}

// In few of them: one that is nowhere (the container has unmounted it) is looked for by each agent
// that begins, and nothing is executed through one that is not found.
std::vector<pid_t> WhereToLook(const Watched& container) {
  constexpr size_t kMost = 15;
  std::vector<pid_t> processes = ProcessesOf(container.pid_namespace, kMost);
  processes.insert(processes.begin(), container.pid);
  return processes;
}

UniqueFd FindMount(const std::vector<pid_t>& processes, const Mount& mount) {
  for (const pid_t pid : processes) {
    UniqueFd there = OpenMount(pid, mount);
    if (there.valid()) return there;
  }
  return {};
}

uint64_t IdOf(const ContainerMount& one) { return one.mount.id; }

Result<void> WatchVolume(const UniqueFd& place, const AskedMount& volume,
                         const FanotifyWatch& watch) {
  if (!place.valid() || !LiesOnMount(place.get(), volume.id)) return {};
  return WatchThroughMount(watch.group, LinkTo(place.get()));
}

bool HasHooks(const Record& record) {
  constexpr JsonLimits kLimits;
  Result<std::string> config =
      ReadFileCapped(record.bundle + "/config.json", kLimits.max_bytes, Trust::kAnyone);
  if (!config.ok()) return false;
  const Result<JsonDocument> read = JsonDocument::Parse(std::move(config).value(), kLimits);
  return read.ok() && read.value().root().Find("hooks").Find("createContainer").size() != 0;
}

// Its number is another mount's as soon as the runtime has let go of it: of one that it makes then
// (readonlyPaths), or the container.
bool StillHasRuntimesRoot(const Watched& container) {
  const std::string link = "/proc/" + std::to_string(container.pid) + "/root";
  const UniqueFd root(open(link.c_str(), O_PATH | O_CLOEXEC));
  return root.valid() && LiesOnMount(root.get(), container.runtimes_mount);
}

// Where it cannot be had, hooks are refused.
void WatchRuntimesRoot(Watched& container, const FanotifyWatch& watch) {
  if (!watch.behind || !container.needs_agent || !HasHooks(container.record)) return;
  const auto mount = RuntimesRoot(container.pid, container.record.rootfs);
  if (!mount || !KernelAnswers(*mount)) return;
  const std::string root = "/proc/" + std::to_string(container.pid) + "/root";
  const UniqueFd place(open(root.c_str(), O_PATH | O_CLOEXEC));
  if (!place.valid() || !LiesOnMount(place.get(), mount->id)) return;
  if (!WatchThroughMount(watch.group, LinkTo(place.get())).ok()) return;
  container.runtimes_mount = mount->id;
  container.volumes.push_back({.id = mount->id, .device = DeviceOf(*mount)});
}

}  // namespace

std::vector<AskedMount> MountsToAsk(const Watched& container, const FanotifyWatch& watch) {
  std::vector<AskedMount> mounts;
  if (watch.behind && !container.needs_agent) return mounts;
  for (const ContainerMount& one : container.mounts) {
    if (MayBeAsked(one)) mounts.push_back({.id = one.mount.id, .device = DeviceOf(one.mount)});
  }
  return mounts;
}

Result<void> WatchVolumes(Watched& container, const FanotifyWatch& watch, int root) {
  container.volumes = MountsToAsk(container, watch);
  for (const AskedMount& volume : container.volumes) {
    const auto one = std::ranges::find(container.mounts, volume.id, IdOf);
    const UniqueFd place = OpenIn(root, one->place);
    TRY(WatchVolume(place, volume, watch));
  }
  WatchRuntimesRoot(container, watch);
  return {};
}

Result<void> WatchVolumesAgain(Watched& container, const FanotifyWatch& watch) {
  container.volumes = MountsToAsk(container, watch);
  if (!watch.look) return {};
  std::vector<pid_t> processes;
  for (const AskedMount& volume : container.volumes) {
    if (watch.again->mounts.contains(volume.id)) continue;
    if (processes.empty()) processes = WhereToLook(container);
    const auto one = std::ranges::find(container.mounts, volume.id, IdOf);
    TRY(WatchVolume(FindMount(processes, one->mount), volume, watch));
  }
  return {};
}

bool IsRuntimesHook(Watched& container, const OpenTry& what) {
  if (container.runtimes_mount == 0 || !what.execute) return false;
  const uint64_t mount = container.runtimes_mount;
  if (LiesOnMount(what.file, mount) && StillHasRuntimesRoot(container)) return true;
  std::erase_if(container.volumes, [mount](const AskedMount& one) { return one.id == mount; });
  container.runtimes_mount = 0;
  return false;
}

uint64_t DeviceAsked(const Watched& container, uint64_t st_dev, uint64_t mount) {
  if (AsksAbout(container, st_dev)) return st_dev;
  const auto known = std::ranges::find(container.volumes, mount, &AskedMount::id);
  if (known != container.volumes.end()) return known->device;
  return container.root_device;
}

bool AsksAboutAll(const Watched& container, uint64_t device) {
  return std::ranges::find(container.asked, device) != container.asked.end();
}

bool AsksAbout(const Watched& container, uint64_t device) {
  return AsksAboutAll(container, device) ||
         std::ranges::find(container.volumes, device, &AskedMount::device) !=
             container.volumes.end();
}

bool WasAsked(const Watched& container, const KernelEvent& event) {
  if (event.mapping) return false;
  const uint64_t device = event.file.device;
  // Of a volume's files those that are executed through another mount are nobody's to ask about.
  if (event.cause == KernelCause::kUnasked) return AsksAboutAll(container, device);
  return AsksAbout(container, device);
}

}  // namespace runward
