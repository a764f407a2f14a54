#pragma once

#include <string>

#include "oci/spec.h"

namespace runward {

// Whether the filesystem at the root path will be what the container's process sees as "/".
struct RootCover {
  // Why it will not, so that nothing may be concluded from the layers mounted there; "" when
  // config.json and the image leave no way for that.
  std::string why;
  // A mount lies inside an earlier one that is not settled (a volume, /proc), whose content may
  // turn it elsewhere by a symlink at any time; or its way leads through a symlink or "..", and
  // depends on what the mounts before it have covered. Only a look once all mounts are made
  // (oci/hook_entry.h) can tell.
  bool uncertain = false;
};

// `rootfs` is absolute and resolved. Found: another's mount namespace, or the host's, and mounts
// whose destination is the root, lexically or by a symlink of the image. Not meant to be found:
// volumes over parts of the image (docs/runtime.md).
RootCover FindRootCover(const Spec& spec, const std::string& rootfs);

}  // namespace runward
