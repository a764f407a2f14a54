#include "registry/remote_image.h"

#include <algorithm>

#include "base/json.h"

namespace runward {
namespace {

constexpr size_t kMaxConfig = size_t{8} << 20;

// The chain of the layers that the config names; nullopt for what is no image's config (an
// attestation's manifest in an index of BuildKit's).
std::optional<Digest> ChainOf(const std::string& config) {
  const auto document = JsonDocument::Parse(config, {.max_bytes = kMaxConfig});
  if (!document.ok()) return std::nullopt;
  std::vector<Digest> layers;
  for (const JsonValue entry : document.value().root().Find("rootfs").Find("diff_ids")) {
    const std::optional<Digest> layer = Digest::Parse(entry.text());
    if (!layer) return std::nullopt;
    layers.push_back(*layer);
  }
  return ChainIdOf(layers);
}

Descriptor DescriptorOf(const Repository::Manifest& manifest, const ManifestView& view) {
  return {.media_type = view.media_type.empty() ? manifest.media_type : view.media_type,
          .digest = manifest.digest,
          .size = static_cast<int64_t>(manifest.text.size())};
}

// Adds the image of a manifest, unless its config is not the wanted one.
Result<void> AddImage(Repository& repository, const Repository::Manifest& manifest,
                      const std::optional<Digest>& config, RemoteImages& found) {
  const ManifestView view = TRY(ParseManifest(manifest.text));
  if (view.index || !view.config || (config && view.config->digest != *config)) return {};
  const std::string text =
      TRY(repository.GetBlob(view.config->digest, view.config->size, kMaxConfig));
  const std::optional<Digest> chain = ChainOf(text);
  if (!chain) return {};
  RemoteImage image{.manifest = DescriptorOf(manifest, view),
                    .identity = {manifest.digest, view.config->digest, *chain}};
  if (found.index) image.identity.push_back(found.index->digest);
  found.images.push_back(std::move(image));
  return {};
}

}  // namespace

bool RemoteImage::Is(const Digest& digest) const {
  return std::ranges::find(identity, digest) != identity.end();
}

Result<std::optional<RemoteImages>> FindRemoteImages(Repository& repository,
                                                     const std::string& reference,
                                                     const std::optional<Digest>& config) {
  const auto manifest = TRY(repository.GetManifest(reference));
  if (!manifest) return std::optional<RemoteImages>();
  const ManifestView view = TRY(ParseManifest(manifest->text));
  RemoteImages found;
  if (!view.index) {
    TRY(AddImage(repository, *manifest, config, found));
    return std::optional(std::move(found));
  }
  if (view.manifests.size() > kMaxPlatforms) {
    return Error{"the index " + manifest->digest.text() + " has " +
                     std::to_string(view.manifests.size()) + " images, more than the " +
                     std::to_string(kMaxPlatforms) + " that are looked at",
                 "name one by its own digest"};
  }
  found.index = DescriptorOf(*manifest, view);
  for (const Descriptor& entry : view.manifests) {
    const auto one = TRY(repository.GetManifest(entry.digest.text()));
    if (one) TRY(AddImage(repository, *one, config, found));  // an index may name what was removed
  }
  return std::optional(std::move(found));
}

}  // namespace runward
