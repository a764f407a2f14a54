#include "agent/watched.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "agent/process_view.h"
#include "oci/command_record.h"

namespace runward {

namespace {

// What nothing that runs in the container can change.
Result<Watched> Identify(const std::string& key, pid_t pid) {
  Watched container;
  container.key = key;
  container.pid = pid;
  container.alive = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!container.alive.valid()) {
    return ErrnoError("look at the container's process " + std::to_string(pid), errno);
  }
  container.start = StartTimeOf(pid);
  container.pid_namespace = PidNamespaceOf(pid);
  container.own_pid_namespace = IsFirstOfNamespace(pid);
  if (container.start == 0 || container.pid_namespace == 0) {
    return Error{"the container's process " + std::to_string(pid) + " has ended", ""};
  }
  return container;
}

Result<void> ReadRules(const Paths& paths, Watched& container) {
  container.record = TRY(ReadRecordOf(paths, container.key));
  container.rule = TRY(ParseCommandRule(container.record.commands));
  return {};
}

void Recall(const ContainerNote& note, Watched& container) {
  container.number = note.number;
  container.prepared = note.prepared;
  container.user_map = note.user_map;
  container.mount_namespace = note.mount_namespace;
  container.control_groups = note.control_groups;
  container.mounts = note.mounts;
  container.files = note.files;
  container.helper = note.helper;
  container.asked = note.asked;
}

Result<void> FindImage(Watched& container) {
  for (const ContainerMount& one : container.mounts) {
    container.given.push_back({.id = one.mount.id, .place = std::hash<std::string>{}(one.place)});
  }
  const Mount& root = container.mounts.front().mount;
  container.root_device = DeviceOf(root);
  if (container.rule.drift != Drift::kAllow) {
    container.image = TRY(ImageFiles::Of(root, container.record.rootfs));
  } else if (container.rule.learn) {
    // What is learned of another root than an overlay cannot say what is the image's.
    auto image = ImageFiles::Of(root, container.record.rootfs);
    if (image.ok()) container.image = std::move(image).value();
  }
  return {};
}

}  // namespace

Result<Watched> LookAtContainer(const Paths& paths, const std::string& key, pid_t pid) {
  Watched container = TRY(Identify(key, pid));
  TRY(ReadRules(paths, container));
  container.mount_namespace = MountNamespaceOf(pid);
  container.control_groups = ControlGroupsOf(pid);
  container.user_map = UserMapOf(pid);
  if (container.mount_namespace == 0) {
    return Error{"the container's process " + std::to_string(pid) + " has ended", ""};
  }
  container.mounts = TRY(LookAtMounts(pid, container.record.rootfs));
  const UniqueFd root = TRY(RootOf(pid, container.record.rootfs));
  TRY(FindImage(container));
  // Of another root than an overlay nobody can say what is the image's.
  auto layers = ImageFiles::Of(container.mounts.front().mount, container.record.rootfs);
  container.files =
      FindCommandFiles(root.get(), container.rule, layers.ok() ? &layers.value() : nullptr);
  container.helper = EnvHelperOf(container.record, root.get());
  return container;
}

namespace {

// Whether what the host sees at `rootfs` is what the process has as its root.
bool HasItsRoot(const Watched& container) {
  struct stat begun {};
  struct stat now {};
  const std::string link = "/proc/" + std::to_string(container.pid) + "/root";
  return stat(container.record.rootfs.c_str(), &begun) == 0 && stat(link.c_str(), &now) == 0 &&
         begun.st_dev == now.st_dev && begun.st_ino == now.st_ino;
}

// Of a note that says little: what the container is by now, which it may have made itself, but for
// what it says, and only where it has the root that it began with.
Result<Watched> LookAgain(const Paths& paths, const std::string& key, const ContainerNote& note) {
  Watched container = TRY(LookAtContainer(paths, key, note.pid));
  if (!HasItsRoot(container)) {
    return Error{"an older runward-agent took it in, and it has left its root since",
                 "start the container anew"};
  }
  container.number = note.number;
  container.prepared = note.prepared;
  if (!note.user_map.empty()) container.user_map = note.user_map;
  container.files.names = note.files.names;
  container.files.devices.clear();
  container.files.denied = DeniedFiles(container.rule, container.files.names);
  return container;
}

}  // namespace

Result<Watched> RememberContainer(const Paths& paths, const std::string& key,
                                  const ContainerNote& note) {
  if (note.layout == 0) return LookAgain(paths, key, note);
  Watched container = TRY(Identify(key, note.pid));
  TRY(ReadRules(paths, container));
  Recall(note, container);
  container.files.denied = DeniedFiles(container.rule, container.files.names);
  TRY(FindImage(container));
  return container;
}

ContainerNote NoteOf(const Watched& container) {
  return {.pid = container.pid,
          .start = container.start,
          .number = container.number,
          .prepared = container.prepared,
          .user_map = container.user_map,
          .mount_namespace = container.mount_namespace,
          .control_groups = container.control_groups,
          .mounts = container.mounts,
          .files = container.files,
          .helper = container.helper,
          .asked = container.asked};
}

Result<Watched> ShutContainer(const Paths& paths, const std::string& key,
                              const ContainerNote& note) {
  Watched container = TRY(Identify(key, note.pid));
  // Whether it is audited its record may still say.
  if (!ReadRules(paths, container).ok()) container.record.key = key;
  container.rule = {};
  Recall(note, container);
  container.shut = true;
  return container;
}

}  // namespace runward
