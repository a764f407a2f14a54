#include "oci/start_root.h"

#include "base/trusted_path.h"

namespace runward {

Result<StartRoot> LookAtRoot(const Spec& spec, const ContainerId& id) {
  StartRoot root;
  const Result<std::string> rootfs = ResolveUnderTrusted(spec.rootfs);
  if (!rootfs.ok()) {
    root.cover.why = rootfs.error().message;
  } else if (rootfs.value() != CleanPath(spec.rootfs)) {
    // runc takes ".." away from the words, crun goes through symlinks once more: both could arrive
    // elsewhere.
    root.cover.why = "root.path \"" + spec.rootfs + "\" leads through a symlink to \"" +
                     rootfs.value() + "\", which config.json has to name itself";
  } else {
    root.cover = FindRootCover(spec, rootfs.value());
  }
  if (rootfs.ok()) root.rootfs = rootfs.value();
  if (root.cover.why.empty()) {
    root.image = TRY(IdentifyImage(rootfs.value(), id));
  } else {
    root.image.why = root.cover.why;
  }
  if (root.image.unsigned_name.empty()) root.image.unsigned_name = spec.unsigned_name;
  return root;
}

}  // namespace runward
