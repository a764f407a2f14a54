#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "oci/mountinfo.h"

namespace runward {

// How a filesystem that a container sees can be watched.
enum class Watch {
  kOwn,      // the container's alone: its root's overlay, a tmpfs that the host does not have
  kNothing,  // nothing on it can be executed: noexec, or a filesystem of the kernel's own
  kShared,   // the host's, or shared with it
};

struct ContainerMount {
  std::string place;  // in the container; "/"
  Mount mount;
  Watch watch = Watch::kShared;
};

// The mounts that the container whose first process is `pid` sees, the topmost of each place, "/"
// first. `rootfs` is its root on the host: before the runtime has pivoted, all lies beneath that.
// An Error when it has no root there.
Result<std::vector<ContainerMount>> LookAtMounts(pid_t pid, const std::string& rootfs);

// The root directory of the process (O_PATH), through which names of its mounts are opened; `place`
// beneath it, symlinks staying inside.
Result<UniqueFd> RootOf(pid_t pid, const std::string& rootfs);
UniqueFd OpenIn(int root, const std::string& place);
// Without following a link: one at the end is opened itself.
UniqueFd OpenAsWritten(int root, const std::string& place);

// Names in the directory at `place` beneath the root, "." and ".." among them.
std::vector<std::string> EntriesOf(int root, const std::string& place);
// The same of a directory that is open to be read. None of one that is not.
std::vector<std::string> EntriesOf(UniqueFd directory);

// Device number as stat(2) has it, of mountinfo's "major:minor".
uint64_t DeviceOf(const Mount& mount);
// Something (O_PATH) on the filesystem of that device, wherever the process has it mounted; the
// filesystem's own root rather than a part of it.
UniqueFd OpenOnDevice(pid_t pid, uint64_t device);
// The root (O_PATH) of the mount with that id, of that filesystem, where the process sees it.
UniqueFd OpenMount(pid_t pid, const Mount& wanted);
// The root of the process, as long as that is the runtime's: another mount than the container's.
std::optional<Mount> RuntimesRoot(pid_t pid, const std::string& rootfs);
// Whether an open file lies on the mount with that id.
bool LiesOnMount(int file, uint64_t id);
// By which an open file is named, wherever it lies.
std::string LinkTo(int file);

}  // namespace runward
