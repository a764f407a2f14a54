#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/decide.h"
#include "policy/names.h"

namespace runward {

// containerd's state directory, when `lower` is a layer of its overlayfs snapshotter:
// "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs" gives
// "/var/lib/containerd".
std::optional<std::string> ContainerdRootOf(const std::string& lower);

// What containerd's metadata says about the layers `lower` (absolute, topmost first; `upper` may be
// empty): the snapshot numbers are looked up in the snapshotter's database, where every layer of an
// image is a committed snapshot named after its chain ID and knows its parent; image configs whose
// label refers to the chain are read from the content store, their digests checked, and kept when
// their diff IDs have that very chain. Both databases are read while containerd holds them.
//
// The container's record names an image too, but a client wrote it: it is the unsigned name only.
// What this does not protect: who may use containerd's socket can commit a snapshot of any content
// under a chain ID's name before the image is pulled (SECURITY.md).
Result<ImageEvidence> IdentifyContainerd(const std::string& root,
                                         const std::vector<std::string>& lower,
                                         const std::string& upper, const ContainerId& container);

}  // namespace runward
