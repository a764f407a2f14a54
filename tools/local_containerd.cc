#include <algorithm>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "oci/containerd_images.h"
#include "tools/local_images.h"

namespace runward {
namespace {

constexpr size_t kMaxManifest = size_t{4} << 20;

// A manifest or index of the content store; nullopt when it is not there, or not what its name
// says.
std::optional<JsonDocument> ReadManifest(const std::string& root, const Digest& digest) {
  auto text = ReadFileCapped(ContainerdBlob(root, digest), kMaxManifest, Trust::kAnyone);
  if (!text.ok() || Sha256Hex(text.value()) != digest.hex()) return std::nullopt;
  auto document = JsonDocument::Parse(std::move(text).value(), {.max_bytes = kMaxManifest});
  if (!document.ok()) return std::nullopt;
  return std::move(document).value();
}

// The configs of the platforms that are here: nodes fetch one of an index.
std::vector<Digest> ConfigsOf(const std::string& root, const Digest& target, bool may_be_index) {
  std::vector<Digest> configs;
  const auto document = ReadManifest(root, target);
  if (!document) return configs;
  if (const auto config = Digest::Parse(document->root().Find("config").Find("digest").text())) {
    configs.push_back(*config);
  }
  if (!may_be_index) return configs;
  for (const JsonValue entry : document->root().Find("manifests")) {
    const auto manifest = Digest::Parse(entry.Find("digest").text());
    if (!manifest) continue;
    for (const Digest& config : ConfigsOf(root, *manifest, false)) configs.push_back(config);
  }
  return configs;
}

}  // namespace

Result<void> AddContainerdImages(const std::string& root, std::vector<StoredImage>& images) {
  for (const ContainerdImage& listed : TRY(ListContainerdImages(root))) {
    if (listed.name.starts_with("sha256:")) continue;  // Kubernetes also keeps each under its id
    for (const Digest& config : ConfigsOf(root, listed.target, true)) {
      auto image = ReadStoredImage(ContainerdBlob(root, config), config);
      if (!image) continue;
      image->name = listed.name;
      for (const std::string& repository : listed.repositories) {
        image->references.push_back(repository + "@" + listed.target.text());
      }
      images.push_back(*std::move(image));
    }
  }
  return {};
}

}  // namespace runward
