#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "agent/image_paths.h"
#include "base/fd.h"
#include "base/result.h"
#include "oci/mountinfo.h"

namespace runward {

// Which files of a container are its image's: those of its root overlay's lower layers that the
// upper one neither replaces, nor hides, nor has copied up.
class ImageFiles {
 public:
  // Of an overlay mount as the host sees its layers, which engines may have named relative to
  // `rootfs`, where they mounted it. An Error for any other root.
  static Result<ImageFiles> Of(const Mount& root, const std::string& rootfs);

  // Whether an open file, whose path in the container is `path` (the kernel's, of the open file),
  // is the image's. A process of the container may rename and remove what it likes meanwhile: that
  // can only make a file of the image look like none.
  //
  // A file of the upper layer never passes: it is in the upper directory under its path, or it has
  // just been renamed or removed, and then the overlay has left a whiteout there, or an opaque
  // directory above it; and its inode number is not that of the lower file of the same path.
  bool Contains(int file, const std::string& path);

  // Whether the path leads over a symlink that is not the image's. `root`: the container's
  // (O_PATH).
  [[nodiscard]] bool LeadsAstray(int root, const std::string& path) const;

  // The image's own paths.
  [[nodiscard]] ImagePaths Paths() const;
  // Whether there are no others, as at a container's first start: the upper layer is empty.
  [[nodiscard]] bool Unchanged() const;

 private:
  [[nodiscard]] bool UpperTouches(const std::string& path) const;
  [[nodiscard]] bool LowerHas(const std::string& path, uint64_t inode) const;

  UniqueFd upper_;  // not valid for a read-only overlay
  std::vector<std::string> lower_;
  std::unordered_set<std::string> known_;  // "inode path" that LowerHas found; layers never change
};

}  // namespace runward
