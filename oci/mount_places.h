#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "oci/mountinfo.h"
#include "policy/host_view.h"

namespace runward {

struct FoundPlace {
  std::string path;  // absolute, symlinks resolved as far as it exists
  Location at;
  bool socket = false;
};

// Tells a path's place: the filesystem it lies on and where in it, so that a directory is known
// under each name that a bind mount or a symlink gives it.
class MountPlaces {
 public:
  // /proc/self/mountinfo as it is now.
  static Result<MountPlaces> Read();

  // Of an absolute path; what does not exist has the place that it would be made at. Fails for a
  // path that cannot be walked, or lies on a mount that is not listed.
  [[nodiscard]] Result<FoundPlace> Find(const std::string& path) const;
  // What is mounted beneath a resolved path.
  [[nodiscard]] std::vector<Location> Beneath(const std::string& path) const;

 private:
  std::vector<Mount> mounts_;  // by id
};

}  // namespace runward
