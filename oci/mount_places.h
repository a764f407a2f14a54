#pragma once

#include <cstdint>
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
  bool exists = false;
  // Where its filesystem is mounted, where that one's is, and so on to "/": for each mount of the
  // whole filesystem, since a bind mount elsewhere shows it no less; of its own without any.
  std::vector<std::vector<Location>> above;
};

// Tells a path's place: the filesystem it lies on and where in it, so that a directory is known
// under each name that a bind mount or a symlink gives it.
class MountPlaces {
 public:
  // /proc/self/mountinfo as it is now.
  static Result<MountPlaces> Read();
  // By a table of mounts that is like it.
  static Result<MountPlaces> Of(std::vector<Mount> mounts);

  // Of an absolute path; what does not exist has the place that it would be made at. Fails for a
  // path that cannot be walked, or lies on a mount that is not listed.
  [[nodiscard]] Result<FoundPlace> Find(const std::string& path) const;
  // The same of a mount's source, which the runtime will resolve: fails too for what leads
  // elsewhere in another process, that is through or into a process's directory of /proc. What
  // shows the kernel (proc, sysfs, bpf, debugfs and the like) lies in that one's usual place as
  // well.
  [[nodiscard]] Result<FoundPlace> FindSource(const std::string& path) const;
  // What is mounted beneath a resolved path.
  [[nodiscard]] std::vector<Location> Beneath(const std::string& path) const;
  // What a place shows of other filesystems: when it lies on an overlay, the places of all of its
  // layers, whole, since directories in it can be renamed across them. None for the filesystem of
  // "/", whose names are what all is compared by, and for the images that docker and podman mount
  // from their own stores. Fails when the layers cannot be told.
  [[nodiscard]] Result<std::vector<Location>> Behind(const Location& place) const;

 private:
  [[nodiscard]] Result<FoundPlace> Locate(const std::string& path, uint64_t resolve) const;
  [[nodiscard]] std::vector<Location> Above(const Mount& mount) const;
  // A filesystem of the kernel's own lies where that is usually mounted as well.
  [[nodiscard]] Result<void> AddUsual(const std::string& type, FoundPlace& found) const;
  // Where the layer of that name lies; each place that it may be at when the overlay covers it.
  [[nodiscard]] Result<std::vector<Location>> LayerAt(const Mount& overlay,
                                                      const std::string& name) const;
  [[nodiscard]] Result<void> AddLayers(const Location& place, int depth,
                                       std::vector<Location>& layers) const;

  std::vector<Mount> mounts_;  // by id
  std::string root_;           // the device of "/"
};

}  // namespace runward
