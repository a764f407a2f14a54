#include "agent/watched.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "agent/process_view.h"
#include "oci/command_record.h"

namespace runward {

Result<Watched> LookAtContainer(const Paths& paths, const std::string& key, pid_t pid,
                                Depth depth) {
  Watched container;
  container.key = key;
  container.record = TRY(ReadRecordOf(paths, key));
  container.rule = TRY(ParseCommandRule(container.record.commands));
  container.pid = pid;
  container.alive = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!container.alive.valid()) {
    return ErrnoError("look at the container's process " + std::to_string(pid), errno);
  }
  container.start = StartTimeOf(pid);
  container.pid_namespace = PidNamespaceOf(pid);
  container.mount_namespace = MountNamespaceOf(pid);
  container.control_groups = ControlGroupsOf(pid);
  container.user_map = UserMapOf(pid);
  container.own_pid_namespace = IsFirstOfNamespace(pid);
  if (container.start == 0 || container.pid_namespace == 0 || container.mount_namespace == 0) {
    return Error{"the container's process " + std::to_string(pid) + " has ended", ""};
  }
  container.mounts = TRY(LookAtMounts(pid, container.record.rootfs));
  for (const ContainerMount& one : container.mounts) container.mount_ids.push_back(one.mount.id);
  if (depth == Depth::kAll) {
    const UniqueFd root = TRY(RootOf(pid, container.record.rootfs));
    container.files = FindCommandFiles(root.get(), container.rule);
    container.helper = EnvHelperOf(container.record, root.get());
  }
  if (container.rule.drift != Drift::kAllow) {
    container.image = TRY(ImageFiles::Of(container.mounts.front().mount, container.record.rootfs));
  } else if (container.rule.learn) {
    // What is learned of another root than an overlay cannot say what is the image's.
    auto image = ImageFiles::Of(container.mounts.front().mount, container.record.rootfs);
    if (image.ok()) container.image = std::move(image).value();
  }
  return container;
}

}  // namespace runward
