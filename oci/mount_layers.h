#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "oci/mountinfo.h"

namespace runward {

// Directories of other filesystems that a mount shows.
struct MountLayers {
  std::vector<std::string> names;  // absolute; none for filesystems that are not made of others
  // The directory of an engine's store, "/var/lib/docker/overlay2", where the mount point is one
  // that the engine makes for an image ("STORE/ID/merged"); "" elsewhere.
  std::string store;
};

// By what mountinfo says. Overlays on Linux name their layers as they were given to mount(2): a
// relative name is understood only in the forms that docker, containers/storage and containerd use.
// An Error where layers cannot be told for sure, as of fuse-overlayfs, which does not name them. A
// name is what it leads to now: a symlink in it may have led elsewhere when the mount was made.
Result<MountLayers> LayersOf(const Mount& mount);

}  // namespace runward
