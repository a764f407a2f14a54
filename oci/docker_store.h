#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/decide.h"
#include "policy/names.h"

namespace runward {

// Docker's data root, when `lower` is a layer of its overlay2 store:
// "/var/lib/docker/overlay2/l/X" gives "/var/lib/docker".
std::optional<std::string> DockerRootOf(const std::string& lower);

// What dockerd's store says about the layers `lower` (absolute, topmost first): each is followed to
// its cache id, the cache ids to the layer database's chain, and that chain is computed again from
// the layers' diff IDs. The container's own record (layerdb/mounts, containers/<id>/config.v2.json)
// says where to begin and which image config it is; both are checked against the layers and give
// way to a search when they are absent. Files must be root's, directories above them too.
// Evidence without a chain, and `why`, when the store and the mount do not agree.
Result<ImageEvidence> IdentifyDocker(const std::string& root, const std::vector<std::string>& lower,
                                     const ContainerId& container);

}  // namespace runward
