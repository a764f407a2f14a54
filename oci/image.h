#pragma once

#include <string>

#include "base/result.h"
#include "policy/decide.h"
#include "policy/names.h"

namespace runward {

// The identity of what is mounted at `rootfs` (config.json's root.path made absolute against the
// bundle). From the mount's overlay layers by way of the engine's store (docker overlay2,
// containerd's overlayfs snapshotter, containers/storage's overlay driver); a plain directory,
// another filesystem, a subdirectory of a mount, or a store that is not root's yields evidence
// without a chain, and `why`. An Error means that it could not be found out (a store that changes
// under us for too long, a torn file). `container` is the engine's id, used to find the engine's
// own record for the cross-check.
Result<ImageEvidence> IdentifyImage(const std::string& rootfs, const ContainerId& container);

}  // namespace runward
