#include "tools/verdict_image.h"

#include <sys/stat.h>

#include "base/json.h"

namespace runward {

Result<std::vector<Digest>> DiffIdsOf(const std::string& config, const std::string& name) {
  const JsonDocument document = TRY(JsonDocument::Parse(config));
  const JsonValue rootfs = TRY(document.root().Field("rootfs"));
  const JsonValue list = TRY(rootfs.Field("diff_ids"));
  std::vector<Digest> layers;
  for (const JsonValue entry : list) {
    const std::optional<Digest> layer = Digest::Parse(entry.text());
    if (!layer)
      return Error{"image \"" + name + "\": its config has a layer that is no SHA-256", ""};
    layers.push_back(*layer);
  }
  if (layers.empty()) return Error{"image \"" + name + "\": its config names no layers", ""};
  return layers;
}

Result<LocalImage> FindLocalImage(const std::string& image, const std::string& docker_root,
                                  const std::optional<Digest>& manifest) {
  struct stat info {};
  const bool directory = stat(image.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  // A path is meant only when it looks like one: "busybox" is an image even beside a directory of
  // that name.
  if (directory && (image.starts_with('/') || image.starts_with('.'))) {
    return FindDirectoryImage(image, manifest);
  }
  return FindDockerImage(image, docker_root);
}

}  // namespace runward
