#include "oci/image.h"

#include <fcntl.h>

#include <cerrno>

#include "base/fd.h"
#include "oci/containerd_store.h"
#include "oci/containers_store.h"
#include "oci/docker_store.h"
#include "oci/mountinfo.h"
#include "oci/overlay.h"

namespace runward {
namespace {

Result<ImageEvidence> Identify(const Mount& mount, const std::string& rootfs,
                               const ContainerId& container) {
  if (mount.point != rootfs) {
    return ImageEvidence{.why = "\"" + rootfs + "\" is a plain directory, not an image's mount"};
  }
  if (mount.type != "overlay") {
    return ImageEvidence{.why = "\"" + rootfs + "\" is on " + mount.type +
                                ", and only overlay mounts show an image's layers"};
  }
  if (mount.root != "/") {
    return ImageEvidence{.why = "\"" + rootfs + "\" is a part of an image, not all of it"};
  }
  const Result<OverlayLayers> given = ParseOverlay(mount.super);
  if (!given.ok()) return ImageEvidence{.why = given.error().message};
  const Result<OverlayLayers> layers = AbsoluteLayers(given.value(), mount.point);
  if (!layers.ok()) return ImageEvidence{.why = layers.error().message};
  const auto& [lower, upper] = layers.value();
  if (const auto root = DockerRootOf(lower.front())) return IdentifyDocker(*root, lower, container);
  if (const auto root = ContainerdRootOf(lower.front())) {
    return IdentifyContainerd(*root, lower, upper, container);
  }
  if (const auto root = ContainersRootOf(lower.front())) {
    return IdentifyContainers(*root, lower, upper, container);
  }
  return ImageEvidence{.why = "no image store is known that holds the layer \"" + lower.front() +
                              "\""};
}

}  // namespace

Result<ImageEvidence> IdentifyImage(const std::string& rootfs, const ContainerId& container) {
  const UniqueFd fd(open(rootfs.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open the root filesystem \"" + rootfs + "\"", errno);
  const Mount mount = TRY(MountOf(fd.get()));
  ImageEvidence image = TRY(Identify(mount, rootfs, container));
  image.rootfs = rootfs;
  return image;
}

}  // namespace runward
