#pragma once

#include <string>

#include "base/result.h"
#include "shim/start_case.h"

namespace runward {

// Whether a container on the host's network can be held to its rules by its control group ("" when
// it can): nothing that it is given may let it out of the group. Containers that can are without
// SYS_ADMIN as well (oci/network_config.h), so what is mounted stays as it is.
//
// It does not see what leads elsewhere on the host: an engine's or systemd's socket, the host's
// root filesystem. Those are for the profile's "run".
Result<std::string> WayOutOfGroup(const StartCase& now);

}  // namespace runward
