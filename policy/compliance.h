#pragma once

#include <vector>

#include "base/check.h"
#include "policy/container.h"
#include "policy/host_view.h"

namespace runward {

// How a container's configuration stands to each of ComplianceItems() that a configuration can
// decide, in their order; pure. `host` has the sources of the mounts and says which of the joined
// namespaces are the host's. It is about what the configuration asks for, not about what it is
// allowed: run controls (policy/controls.h) refuse, this only says.
std::vector<CheckResult> CheckCompliance(const ContainerConfig& config, const HostView& host);

}  // namespace runward
