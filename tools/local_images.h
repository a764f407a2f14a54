#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/verdict_image.h"

namespace runward {

// An image of a store on this machine, with what it starts and where its files are.
struct StoredImage {
  std::string name;  // "web:1", or the start of its id
  Digest config;
  std::vector<Digest> diff_ids;
  std::string text;  // the config: image-spec config.md
  std::vector<std::string>
      layers;  // their directories, topmost first; empty when not all are there
  std::vector<std::string> references;  // all its names, "web:1" and "web@sha256:..."
};

// All images of the stores that are there, each once a store. An image that cannot be read is left
// out: its engine could not start it either. An Error when a store cannot be read at all.
Result<std::vector<StoredImage>> ListLocalImages(const ImageStores& stores);

// For ListLocalImages: the parts.
// The image whose config the file is; nullopt when it is not what its name says.
std::optional<StoredImage> ReadStoredImage(const std::string& path, const Digest& config);
// Of containerd's store, by what it was pulled from; their layers are not looked for.
Result<void> AddContainerdImages(const std::string& root, std::vector<StoredImage>& images);

// Where `path` leads in the layers as an overlay shows them, symlinks followed: an absolute path,
// or
// "" where there is no file. Whiteouts and opaque directories are left unseen, so a file that a
// higher layer removed is still found: good for a warning, never for a decision.
std::string ResolveInLayers(const std::vector<std::string>& layers, const std::string& path);

}  // namespace runward
