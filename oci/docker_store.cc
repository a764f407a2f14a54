#include "oci/docker_store.h"

#include <dirent.h>

#include <algorithm>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/trusted_path.h"
#include "oci/store_files.h"

namespace runward {
namespace {

constexpr std::string_view kLinks = "/overlay2/l/";
constexpr size_t kMaxRecordBytes = size_t{8} << 20;
constexpr size_t kMaxScanned = 20000;

struct Store {
  std::string root;
  [[nodiscard]] std::string Layers() const { return root + "/image/overlay2/layerdb"; }
  [[nodiscard]] std::string Layer(const Digest& chain) const {
    return Layers() + "/sha256/" + std::string(chain.hex());
  }
  [[nodiscard]] std::string Configs() const {
    return root + "/image/overlay2/imagedb/content/sha256";
  }
};

ImageEvidence Without(std::string why) {
  return {.store = "docker-overlay2", .why = std::move(why)};
}

// The names in a directory that are digests, at most kMaxScanned; empty when it cannot be read.
std::vector<Digest> DigestsIn(const std::string& directory) {
  std::vector<Digest> digests;
  const CHandle<DIR, closedir> handle(opendir(directory.c_str()));
  while (handle != nullptr && digests.size() < kMaxScanned) {
    const dirent* entry = readdir(handle.get());  // NOLINT(concurrency-mt-unsafe): own handle
    if (entry == nullptr) break;
    if (const auto digest = Digest::FromHex(entry->d_name)) digests.push_back(*digest);
  }
  return digests;
}

// The layers' cache ids, topmost first, without the "-init" layer that dockerd puts between the
// image and the container.
Result<std::vector<std::string>> CacheIds(const std::string& mounted_root,
                                          const std::vector<std::string>& lower) {
  const std::string prefix = mounted_root + std::string(kLinks);
  std::vector<std::string> ids;
  for (const std::string& link : lower) {
    auto id = link.starts_with(prefix) ? LayerOfLink(link) : std::nullopt;
    if (!id) return Error{"the layer \"" + link + "\" is not one of Docker's store", ""};
    ids.push_back(*std::move(id));
  }
  if (!ids.empty() && ids.front().ends_with("-init")) ids.erase(ids.begin());
  return ids;
}

// The chain that the topmost layer belongs to: the container's record, or a search.
std::optional<Digest> TopChain(const Store& store, const ContainerId& container,
                               const std::string& cache_id) {
  const Result<std::string> parent =
      ReadLine(store.Layers() + "/mounts/" + container.text() + "/parent");
  if (parent.ok()) return Digest::Parse(parent.value());
  for (const Digest& chain : DigestsIn(store.Layers() + "/sha256")) {
    const Result<std::string> id = ReadLine(store.Layer(chain) + "/cache-id");
    if (id.ok() && id.value() == cache_id) return chain;
  }
  return std::nullopt;
}

// The diff IDs of the layers from the top down, along the layer database's parents.
Result<std::vector<Digest>> DiffIds(const Store& store, const Digest& top,
                                    const std::vector<std::string>& cache_ids) {
  std::vector<Digest> diff_ids;
  std::optional<Digest> chain = top;
  for (const std::string& cache_id : cache_ids) {
    if (!chain) return Error{"more layers are mounted than the image has", ""};
    const std::string directory = store.Layer(*chain);
    if (TRY(ReadLine(directory + "/cache-id")) != cache_id) {
      return Error{"the layers that are mounted are not those of " + top.text(), ""};
    }
    const std::optional<Digest> diff_id = Digest::Parse(TRY(ReadLine(directory + "/diff")));
    if (!diff_id) return Error{"\"" + directory + "/diff\" holds no digest", ""};
    diff_ids.push_back(*diff_id);
    const std::string parent = directory + "/parent";
    chain.reset();
    if (FileMissing(parent)) continue;
    chain = Digest::Parse(TRY(ReadLine(parent)));
    if (!chain) return Error{"\"" + parent + "\" holds no digest", ""};
  }
  if (chain) return Error{"fewer layers are mounted than the image has", ""};
  return diff_ids;
}

bool ConfigHasChain(const Store& store, const Digest& config, const Digest& chain) {
  const auto text = ReadConfigBlob(store.Configs() + "/" + std::string(config.hex()), config);
  if (!text) return false;
  const std::vector<Digest> chains = ChainsOfConfig(*text);
  return !chains.empty() && chains.back() == chain;
}

struct ContainerRecord {
  std::optional<Digest> image;
  std::string name;  // as the user gave it
};

// dockerd writes this file before it calls the runtime, and only dockerd and root can.
std::optional<ContainerRecord> ReadContainerRecord(const Store& store,
                                                   const ContainerId& container) {
  Result<std::string> text =
      ReadFileCapped(store.root + "/containers/" + container.text() + "/config.v2.json",
                     kMaxRecordBytes, Trust::kOwnerAndParents);
  if (!text.ok()) return std::nullopt;
  const auto document =
      JsonDocument::Parse(std::move(text).value(), {.max_bytes = kMaxRecordBytes, .max_depth = 64});
  if (!document.ok()) return std::nullopt;
  const JsonValue root = document.value().root();
  return ContainerRecord{.image = Digest::Parse(root.Find("Image").text()),
                         .name = std::string(root.Find("Config").Find("Image").text())};
}

void FindConfigs(const Store& store, const ContainerId& container, ImageEvidence& image) {
  const auto record = ReadContainerRecord(store, container);
  if (record) image.unsigned_name = record->name;
  if (record && record->image) {
    if (ConfigHasChain(store, *record->image, *image.chain)) {
      image.configs = {*record->image};
      image.config_certain = true;
      return;
    }
    if (!FileMissing(store.Configs() + "/" + std::string(record->image->hex()))) {
      image.chain.reset();
      image.prefixes.clear();
      image.why = "Docker's record names the image " + record->image->text() +
                  ", whose layers are not the ones that are mounted";
      return;
    }
  }
  for (const Digest& config : DigestsIn(store.Configs())) {
    if (ConfigHasChain(store, config, *image.chain)) image.configs.push_back(config);
  }
  std::ranges::sort(image.configs);
  image.config_certain = image.configs.size() == 1;
}

}  // namespace

std::optional<std::string> DockerRootOf(const std::string& lower) {
  const size_t links = lower.rfind(kLinks);
  if (links == std::string::npos || links == 0) return std::nullopt;
  if (lower.find('/', links + kLinks.size()) != std::string::npos) return std::nullopt;
  return lower.substr(0, links);
}

Result<ImageEvidence> IdentifyDocker(const std::string& root, const std::vector<std::string>& lower,
                                     const ContainerId& container) {
  // Checked once for all that is read below: in a directory of root's, only root makes entries.
  for (const char* directory : {"/overlay2/l", "/image/overlay2/layerdb/sha256"}) {
    const Result<std::string> trusted = ResolveTrusted(root + directory);
    if (!trusted.ok()) return Without(trusted.error().message);
  }
  const Store store{root};
  const auto cache_ids = CacheIds(root, lower);
  if (!cache_ids.ok()) return Without(cache_ids.error().message);
  if (cache_ids.value().empty()) return Without("the image has no layers");
  const auto top = TopChain(store, container, cache_ids.value().front());
  if (!top) return Without("Docker's layer database does not know the layers that are mounted");
  auto diff_ids = DiffIds(store, *top, cache_ids.value());
  if (!diff_ids.ok()) return Without(diff_ids.error().message);
  std::ranges::reverse(diff_ids.value());

  ImageEvidence image{.store = "docker-overlay2"};
  image.prefixes = ChainIdsOf(diff_ids.value());
  image.chain = image.prefixes.back();
  if (*image.chain != *top) {
    return Without("Docker's layer database contradicts itself about " + top->text());
  }
  FindConfigs(store, container, image);
  return image;
}

}  // namespace runward
