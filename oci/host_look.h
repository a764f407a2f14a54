#pragma once

#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "policy/container.h"
#include "policy/host_view.h"

namespace runward {

// The directories that an installation of runward keeps its files in.
std::vector<std::string> OwnDirectories(const Paths& paths);

// What the host says about the configuration, as far as the rule needs it: places of mounts'
// sources (binds, and the layers of overlays), of listed paths and of runward's own directories;
// which joined namespaces are the host's; names of devices. `bundle` is what relative sources are
// relative to. Fails when the table of mounts cannot be read.
Result<HostView> LookAtHost(const ContainerConfig& config, const RunRule& rule,
                            const std::vector<std::string>& own, const std::string& bundle);

// Of a start that was looked at before: adds what another rule needs to know of the host. Sources
// are the paths that they were then; what is still there has the place that it has now, since a
// filesystem can have another device number after a reboot.
Result<void> LookAgain(const ContainerConfig& config, const RunRule& rule,
                       const std::vector<std::string>& own, HostView& host);

// Names of device numbers, for an update: policy/control_parts.h's DeviceNumbersOf.
void LookAtDevices(const std::vector<std::string>& numbers, HostView& host);

}  // namespace runward
