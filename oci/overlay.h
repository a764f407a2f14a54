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

// Makes the lower directories absolute. Engines give them relative to their store when many layers
// would not fit one page: docker "l/X" below the directory that holds the upper's parent, and
// containerd "184/fs" below the snapshots directory; so they are two levels above the upper
// directory's name. An Error when one is relative and there is no absolute upper.
Result<std::vector<std::string>> AbsoluteLower(const OverlayLayers& layers);

}  // namespace runward
