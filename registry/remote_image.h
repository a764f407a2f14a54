#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/names.h"
#include "registry/artifact.h"
#include "registry/repository.h"

namespace runward {

// One image of a repository, for one platform.
struct RemoteImage {
  Descriptor manifest;
  std::vector<Digest> identity;  // its manifest, config and layer chain, and the index it was in

  [[nodiscard]] bool Is(const Digest& digest) const;
};

// What a tag or digest stands for in a registry.
struct RemoteImages {
  std::optional<Descriptor> index;  // when it stands for several platforms' images
  std::vector<RemoteImage> images;
};

// Looks a reference up, and the images of an index (at most kMaxPlatforms), each down to its
// config: nothing is believed that its digest does not prove. With `config`, images that have
// another one are left out. nullopt when the registry has nothing of that name.
inline constexpr size_t kMaxPlatforms = 32;
Result<std::optional<RemoteImages>> FindRemoteImages(Repository& repository,
                                                     const std::string& reference,
                                                     const std::optional<Digest>& config);

}  // namespace runward
