#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/names.h"
#include "registry/image_reference.h"
#include "tools/local_images.h"

namespace runward {

// An image whose verdicts are to be pulled.
struct PulledImage {
  std::string shown;
  ImageReference reference;
  std::optional<Digest> config;  // of the local image: the registry's must be the same
};

// Where to ask about each local image: by each digest that it was pulled by or, when it has none,
// by its names that have a registry in them. An image built here and named without a registry has
// none: "web:1" is not asked for at Docker Hub. Sorted by registry; each once.
std::vector<PulledImage> WhereToAsk(const std::vector<StoredImage>& images);

}  // namespace runward
