#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// The numbers of a user and a group of a container, as this process' user namespace has them.
struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};
// The maps of a process' user namespace (user_namespaces(7)), as they were when they were read.
class IdMaps {
 public:
  static Result<IdMaps> Of(pid_t pid);
  [[nodiscard]] Result<Owner> Outside(uint32_t uid, uint32_t gid) const;
  bool operator==(const IdMaps&) const = default;

 private:
  IdMaps() = default;
  std::string users_;
  std::string groups_;
};
// The number outside of `inside` by the text of a uid_map or gid_map; nullopt when it is not
// mapped.
std::optional<uint32_t> MappedId(std::string_view map, uint32_t inside);

// The root directory (O_PATH) of a container at its createRuntime hook, when the runtime has made
// all mounts and not pivoted yet: `rootfs` in the container's mount namespace. An Error when it has
// pivoted, as what `rootfs` leads to then the container decides.
Result<UniqueFd> RootBeforeStart(pid_t pid, const std::string& rootfs);
// The same of a container that runs.
Result<UniqueFd> RootOfRunning(pid_t pid);

// The directory (O_PATH) `path` beneath `root`, for secrets to be mounted on. What of the path is
// not there is made, as the container's root's. Symlinks are followed as the container would, and
// never out of `root`. An Error, and nothing is made on the way to it that would not be made for
// success, when it is no directory, or is not empty (all in it would be hidden).
Result<UniqueFd> PlaceForSecrets(pid_t pid, int root, const std::string& path);

// Why the kernel mounts nothing unbindable at the place `directory` (secrets/tmpfs.h): it lies on a
// mount that the host or others see mounts of (shared propagation), or something that it says less
// of.
Error WhyNotThere(pid_t pid, int directory, const std::string& path);

// The directory beneath `root`, as it is.
Result<UniqueFd> OpenPlace(int root, const std::string& path);

}  // namespace runward
