#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/decide.h"
#include "policy/names.h"

namespace runward {

// The graph root of containers/storage (podman, buildah, CRI-O), when `lower` is a layer of its
// overlay driver: "/var/lib/containers/storage/overlay/l/X" gives "/var/lib/containers/storage",
// and so does ".../overlay/<container's layer>/mapped/<n>/l/X", by which the engine mounts layers
// with mapped user ids.
std::optional<std::string> ContainersRootOf(const std::string& lower);

// What containers/storage says about the layers `lower` (absolute, topmost first; `upper` may be
// empty): each link is followed to a layer's id, the ids must be a whole line of parents in
// layers.json, and the chain is computed from their diff digests. The container's record, found by
// the layer that is its own, names the image; when it and the layers disagree there is no identity,
// and without a record every image of the topmost layer is a candidate. `container` is compared
// with the record's id where the engine gives the runtime that id (buildah does not).
//
// All of the layers must lie in one store, with the container's own: additional image stores are
// not read. Directories and files must be root's. Layers without a digest of their whole content
// (pulled in part, or not yet complete) leave no identity.
Result<ImageEvidence> IdentifyContainers(const std::string& root,
                                         const std::vector<std::string>& lower,
                                         const std::string& upper, const ContainerId& container);

}  // namespace runward
