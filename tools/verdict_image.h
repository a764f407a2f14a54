#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/names.h"
#include "tools/options.h"

namespace runward {

// An image as a store on this machine has it.
struct LocalImage {
  std::string name;  // as asked for, or what the store calls it when asked by id; may be empty
  std::optional<Digest> manifest;
  std::optional<Digest> config;
  std::vector<Digest> diff_ids;
};

// Where engines keep their images; "" for a store that is not to be looked into.
struct ImageStores {
  std::string docker;      // data-root
  std::string containers;  // graph root of podman, buildah and CRI-O
  std::string containerd;  // root; ListLocalImages alone looks into it
};

// The usual places or, when one of them is given, those that --docker-root, --containers-root and
// --containerd-root name.
ImageStores StoresOf(const Options& options);

// `image` is a directory (an OCI layout or what `docker save` packs, unpacked), or else a name, an
// id or the start of an id in one of the stores. Reads files only: no engine is asked. A blob's
// hash is checked; a store's index is taken at its word, and must be the caller's or root's. Two
// stores with different images of that name are an Error. `manifest` chooses among a layout's
// several images.
Result<LocalImage> FindLocalImage(const std::string& image, const ImageStores& stores,
                                  const std::optional<Digest>& manifest);

// The same; nullopt when no store has an image of that name.
Result<std::optional<LocalImage>> LookUpLocalImage(const std::string& image,
                                                   const ImageStores& stores,
                                                   const std::optional<Digest>& manifest);

// For FindLocalImage: the parts. nullopt when the store has no such image.
Result<std::optional<LocalImage>> FindDockerImage(const std::string& name,
                                                  const std::string& docker_root);
Result<std::optional<LocalImage>> FindContainersImage(const std::string& name,
                                                      const std::string& graph_root);
bool HasDockerStore(const std::string& docker_root);
bool HasContainersStore(const std::string& graph_root);
Result<LocalImage> FindDirectoryImage(const std::string& directory,
                                      const std::optional<Digest>& manifest);
// Whether `id` may be the start of an image's id, as `docker images` and `podman images` show it.
bool IsIdPrefix(std::string_view id);
// The diff IDs of an image config (image-spec config.md), or an error.
Result<std::vector<Digest>> DiffIdsOf(const std::string& config, const std::string& name);

}  // namespace runward
