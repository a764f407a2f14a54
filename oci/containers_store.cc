#include "oci/containers_store.h"

#include <algorithm>

#include "base/trusted_path.h"
#include "oci/containers_files.h"
#include "oci/store_files.h"

namespace runward {
namespace {

constexpr std::string_view kName = "containers-overlay";
constexpr std::string_view kDriver = "/overlay/";
constexpr std::string_view kMapped = "/mapped/";
constexpr std::string_view kLinks = "l/";
constexpr size_t kMaxMetadata = 65536;

ImageEvidence Without(std::string why) {
  return {.store = std::string(kName), .why = std::move(why)};
}

// The part of `layer` after "<root>/overlay/", less the "<layer>/mapped/<n>/" of a mapped mount; ""
// when it is neither. That directory is made, mounted and unmounted by the engine, in a place that
// only root can enter, and shows the driver's own.
std::string_view WithinDriver(std::string_view within) {
  if (within.starts_with(kLinks)) return within;
  const size_t mapped = within.find(kMapped);
  if (mapped == 0 || mapped == std::string_view::npos) return "";
  if (within.substr(0, mapped).find('/') != std::string_view::npos) return "";
  within.remove_prefix(mapped + kMapped.size());
  const size_t slash = within.find_first_not_of("0123456789");
  if (slash == 0 || slash == std::string_view::npos || within[slash] != '/') return "";
  return within.substr(slash + 1);
}

// "l/X", with X a name; "" otherwise.
std::string_view LinkWithinDriver(std::string_view within) {
  const std::string_view link = WithinDriver(within);
  if (!link.starts_with(kLinks) || link.size() == kLinks.size()) return "";
  if (link.find('/', kLinks.size()) != std::string_view::npos) return "";
  return link;
}

// The ids of the layers, topmost first.
Result<std::vector<std::string>> LayerIds(const std::string& driver,
                                          const std::vector<std::string>& lower) {
  std::vector<std::string> ids;
  for (const std::string& layer : lower) {
    const std::string_view link =
        layer.starts_with(driver) ? LinkWithinDriver(std::string_view(layer).substr(driver.size()))
                                  : std::string_view();
    if (link.empty()) {
      return Error{"the layer \"" + layer + "\" is not in the store of the others", ""};
    }
    auto id = LayerOfLink(driver + std::string(link));
    if (!id) return Error{"the layer \"" + layer + "\" is not one of the engine's store", ""};
    ids.push_back(*std::move(id));
  }
  return ids;
}

// The container's own layer, from ".../overlay/<layer>/diff".
Result<std::string> OwnLayer(const std::string& driver, const std::string& upper) {
  constexpr std::string_view kDiff = "/diff";
  if (upper.empty()) return std::string();
  std::string_view id = upper;
  if (upper.starts_with(driver) && upper.ends_with(kDiff) &&
      upper.size() > driver.size() + kDiff.size()) {
    id = id.substr(driver.size(), upper.size() - driver.size() - kDiff.size());
    if (id.find('/') == std::string_view::npos) return std::string(id);
  }
  return Error{"the container's own layer \"" + upper +
                   "\" is not in its image's store (additional image stores are not read)",
               ""};
}

// The layers' diff IDs, topmost first.
Result<std::vector<Digest>> DiffIds(const ContainersFiles::List& layers,
                                    const std::vector<std::string>& ids, const std::string& own) {
  std::vector<Digest> diff_ids;
  const JsonValue upper = layers.Find(own);
  std::string_view expected = upper ? upper.Find("parent").text() : ids.front();
  for (const std::string& id : ids) {
    const JsonValue layer = layers.Find(id);
    if (id != expected || !layer) {
      return Error{"the layers that are mounted are not those of an image in the engine's store",
                   ""};
    }
    const JsonValue incomplete = layer.Find("flags").Find("incomplete");
    const auto digest = Digest::Parse(layer.Find("diff-digest").text());
    if (!digest || (incomplete && incomplete.raw() != "false")) {
      return Error{"the engine's store has no digest of the whole layer \"" + id + "\"", ""};
    }
    diff_ids.push_back(*digest);
    expected = layer.Find("parent").text();
  }
  if (!expected.empty()) return Error{"fewer layers are mounted than the image has", ""};
  return diff_ids;
}

// As the user gave it to podman or CRI-O; otherwise what the store calls the image first.
std::string NameOf(const JsonValue& record, const JsonValue& image) {
  const auto metadata = JsonDocument::Parse(std::string(record.Find("metadata").text()),
                                            {.max_bytes = kMaxMetadata, .max_depth = 8});
  if (metadata.ok()) {
    const std::string_view name = metadata.value().root().Find("image-name").text();
    if (!name.empty()) return std::string(name);
  }
  for (const JsonValue name : image.Find("names")) return std::string(name.text());
  return "";
}

// The image's config, when its bytes have the digest that is the image's id, and its layers are the
// chain.
std::optional<Digest> ConfigOf(const ContainersFiles& store, const JsonValue& entry,
                               const Digest& chain) {
  auto id = Digest::FromHex(entry.Find("id").text());
  if (!id) return std::nullopt;
  const auto text = ReadConfigBlob(store.ConfigPath(id->hex()), *id);
  if (!text) return std::nullopt;
  const std::vector<Digest> chains = ChainsOfConfig(*text);
  if (chains.empty() || chains.back() != chain) return std::nullopt;
  return id;
}

// What the engine noted about the container, by the layer that is its own. An Error when that is
// about another container.
Result<JsonValue> RecordOf(const ContainersFiles::List& containers, const std::string& own,
                           const ContainerId& container) {
  JsonValue record;
  for (const JsonValue entry : containers.all()) {
    if (!own.empty() && entry.Find("layer").text() == own) record = entry;
  }
  const JsonValue named = containers.Find(container.text());
  if (named && named.Find("layer").text() != own) {
    return Error{"the engine's store has container " + container.text() +
                     " with another layer than the one that is mounted",
                 ""};
  }
  return record;
}

// Settles on the image that the record names, or on all that have the layers. An Error when the
// record and the layers contradict each other.
Result<void> FindConfigs(const ContainersFiles& store, const JsonValue& record,
                         const std::string& top, ImageEvidence& image) {
  const ContainersFiles::List images = TRY(store.Images());
  const std::string named(record.Find("image").text());
  const JsonValue entry = images.Find(named);
  image.unsigned_name = NameOf(record, entry);
  if (entry && !ImageHasLayer(entry, top)) {
    return Error{"the engine's record names the image " + named +
                     ", whose layers are not the ones that are mounted",
                 ""};
  }
  for (const JsonValue candidate : images.all()) {
    if (entry && candidate.Find("id").text() != named) continue;
    if (!ImageHasLayer(candidate, top)) continue;
    if (const auto config = ConfigOf(store, candidate, *image.chain)) {
      image.configs.push_back(*config);
    }
  }
  std::ranges::sort(image.configs);
  image.config_certain = image.configs.size() == 1;
  return {};
}

Result<ImageEvidence> Identify(const ContainersFiles& store, const std::vector<std::string>& lower,
                               const std::string& upper, const ContainerId& container) {
  const std::string driver = store.root() + std::string(kDriver);
  (void)TRY(ResolveTrusted(driver + "l"));
  const std::string own = TRY(OwnLayer(driver, upper));
  const std::vector<std::string> ids = TRY(LayerIds(driver, lower));
  const ContainersFiles::List layers = TRY(store.Layers());
  std::vector<Digest> diff_ids = TRY(DiffIds(layers, ids, own));
  std::ranges::reverse(diff_ids);
  ImageEvidence image{.store = std::string(kName)};
  image.prefixes = ChainIdsOf(diff_ids);
  image.chain = image.prefixes.back();
  const ContainersFiles::List containers = TRY(store.Containers());
  const JsonValue record = TRY(RecordOf(containers, own, container));
  TRY(FindConfigs(store, record, ids.front(), image));
  return image;
}

}  // namespace

std::optional<std::string> ContainersRootOf(const std::string& lower) {
  for (size_t at = lower.find(kDriver); at != std::string::npos; at = lower.find(kDriver, at + 1)) {
    const std::string_view within = std::string_view(lower).substr(at + kDriver.size());
    if (at > 0 && !LinkWithinDriver(within).empty()) return lower.substr(0, at);
  }
  return std::nullopt;
}

Result<ImageEvidence> IdentifyContainers(const std::string& root,
                                         const std::vector<std::string>& lower,
                                         const std::string& upper, const ContainerId& container) {
  const ContainersFiles store(root, Trust::kOwnerAndParents);
  auto image = Identify(store, lower, upper, container);
  if (image.ok()) return std::move(image).value();
  return Without(image.error().message);
}

}  // namespace runward
