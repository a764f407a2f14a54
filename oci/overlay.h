#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace runward {

// The directories of an overlay mount (kernel Documentation/filesystems/overlayfs.rst).
struct OverlayLayers {
  std::vector<std::string> lower;  // as given; topmost first
  std::string upper;               // "" for a read-only overlay
};

// Reads a mount's "lowerdir=a:b,upperdir=c": with mountinfo's octal escapes, a backslash before a
// ':' or ',' that belongs to a name, "lowerdir+=" of newer kernels. Data-only layers ("::") are an
// Error: nothing that we know makes them. A repeated option is an Error.
Result<OverlayLayers> ParseOverlay(std::string_view super_options);

// Makes the layers absolute. Engines give them relative to their store when many would not fit one
// page: docker all of them, below the directory two levels above its mount point
// (".../overlay2/<id>/merged"), containerd the lower ones, below the directory two levels above the
// upper one (".../snapshots/<N>/fs"). An Error when neither fits.
Result<OverlayLayers> AbsoluteLayers(OverlayLayers layers, const std::string& mount_point);

// The directories that an overlay mount's options in config.json name (lowerdir, lowerdir+,
// datadir+, upperdir, workdir): a runtime joins the options by commas, and the kernel splits them
// at each that no backslash precedes. An Error for what kernels or runtimes may read in different
// ways: relative names, quotes, and backslashes but before a ':' in lowerdir.
Result<std::vector<std::string>> OverlaySources(const std::vector<std::string>& options);

}  // namespace runward
