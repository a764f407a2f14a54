#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace runward {

// The directory of a BPF filesystem in which maps and links outlive the agent. Each version of the
// programs has a folder in it, layout-object-tier, so that a new one stands before the old goes.
// What it does not protect: whoever is root on the host can remove it; so does a reboot.

// What `name` in the folder is called.
std::string PinPath(const std::string& dir, const std::string& name);

// Makes `pins`, and mounts a BPF filesystem there when it does not lie on one.
Result<void> PreparePins(const std::string& pins);

// The folders there, oldest layout first, without the path.
std::vector<std::string> PinnedVersions(const std::string& pins);

// Removes a folder: links first, so that programs go before the maps that they read.
void RemovePinned(const std::string& dir, const std::vector<std::string>& links);

}  // namespace runward
