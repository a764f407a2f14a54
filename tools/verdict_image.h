#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/names.h"

namespace runward {

// An image as a store on this machine has it.
struct LocalImage {
  std::string name;  // as asked for, or what the store calls it when asked by id; may be empty
  std::optional<Digest> manifest;
  std::optional<Digest> config;
  std::vector<Digest> diff_ids;
};

// `image` is a directory (an OCI layout or what `docker save` packs, unpacked), or else a name, an
// id or the start of an id in Docker's store under `docker_root`. Reads files only: no engine is
// asked. A blob's hash is checked; the store's index is taken at its word, and must be the caller's
// or root's. `manifest` chooses among a layout's several images.
Result<LocalImage> FindLocalImage(const std::string& image, const std::string& docker_root,
                                  const std::optional<Digest>& manifest);

// For FindLocalImage: the parts.
Result<LocalImage> FindDockerImage(const std::string& name, const std::string& docker_root);
Result<LocalImage> FindDirectoryImage(const std::string& directory,
                                      const std::optional<Digest>& manifest);
// The diff IDs of an image config (image-spec config.md), or an error.
Result<std::vector<Digest>> DiffIdsOf(const std::string& config, const std::string& name);

}  // namespace runward
