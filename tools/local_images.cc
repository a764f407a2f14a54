#include "tools/local_images.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <map>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "oci/containerd_images.h"
#include "oci/containers_files.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxIndex = size_t{64} << 20;
constexpr size_t kMaxConfig = size_t{8} << 20;
constexpr size_t kIdShown = 12;

bool IsDirectory(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Keeps the names; the first that is not a digest's is the image's for people.
void Name(std::vector<std::string> names, StoredImage& image) {
  const auto tagged = std::ranges::find_if(
      names, [](const std::string& name) { return name.find('@') == std::string::npos; });
  if (tagged != names.end()) image.name = *tagged;
  image.references = std::move(names);
}

// Of each name also the one with the digest that the engine knows the image by.
void AddPinned(std::string_view digest, std::vector<std::string>& names) {
  if (!Digest::Parse(digest)) return;
  const size_t count = names.size();
  for (size_t i = 0; i < count; ++i) {
    const bool pinned = names[i].find('@') != std::string::npos;
    if (!pinned) names.push_back(names[i] + "@" + std::string(digest));
  }
}

// Docker's overlay2 store: layerdb/sha256/<chain>/cache-id names a layer's directory.
std::vector<std::string> DockerLayers(const std::string& root, const StoredImage& image) {
  constexpr size_t kMaxId = 256;
  std::vector<std::string> layers;
  for (const Digest& chain : ChainIdsOf(image.diff_ids)) {
    const std::string path =
        root + "/image/overlay2/layerdb/sha256/" + std::string(chain.hex()) + "/cache-id";
    const auto id = ReadFileCapped(path, kMaxId, Trust::kAnyone);
    const std::string layer = id.ok() ? root + "/overlay2/" + id.value() + "/diff" : "";
    if (!IsDirectory(layer)) return {};
    layers.insert(layers.begin(), layer);
  }
  return layers;
}

Result<void> AddDocker(const std::string& root, std::vector<StoredImage>& images) {
  const std::string base = root + "/image/overlay2";
  const std::string text =
      TRY(ReadFileCapped(base + "/repositories.json", kMaxIndex, Trust::kAnyone));
  const JsonDocument index = TRY(JsonDocument::Parse(text, {.max_bytes = kMaxIndex}));
  std::map<std::string, std::vector<std::string>, std::less<>> names;
  for (const JsonValue repository : index.root().Find("Repositories")) {
    for (const JsonValue name : repository) {
      names[std::string(name.text())].emplace_back(name.key());
    }
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(base + "/imagedb/content/sha256", error)) {
    const auto config = Digest::FromHex(entry.path().filename().string());
    auto image = config ? ReadStoredImage(entry.path(), *config) : std::nullopt;
    if (!image) continue;
    if (const auto known = names.find(config->text()); known != names.end()) {
      Name(known->second, *image);
    }
    image->layers = DockerLayers(root, *image);
    images.push_back(*std::move(image));
  }
  return {};
}

std::vector<std::string> ContainersLayers(const std::string& root,
                                          const ContainersFiles::List& layers,
                                          std::string_view top) {
  constexpr size_t kMost = 500;  // more than overlayfs takes: a circle
  std::vector<std::string> found;
  for (JsonValue layer = layers.Find(top); layer;
       layer = layers.Find(layer.Find("parent").text())) {
    found.push_back(root + "/overlay/" + std::string(layer.Find("id").text()) + "/diff");
    if (found.size() > kMost || !IsDirectory(found.back())) return {};
  }
  return found;
}

Result<void> AddContainers(const std::string& root, std::vector<StoredImage>& images) {
  const ContainersFiles store(root, Trust::kAnyone);
  const ContainersFiles::List list = TRY(store.Images());
  const ContainersFiles::List layers = TRY(store.Layers());
  for (const JsonValue entry : list.all()) {
    const auto config = Digest::FromHex(entry.Find("id").text());
    auto image = config ? ReadStoredImage(store.ConfigPath(config->hex()), *config) : std::nullopt;
    if (!image) continue;
    std::vector<std::string> names;
    for (const JsonValue name : entry.Find("names")) names.emplace_back(name.text());
    AddPinned(entry.Find("digest").text(), names);
    Name(std::move(names), *image);
    image->layers = ContainersLayers(root, layers, entry.Find("layer").text());
    images.push_back(*std::move(image));
  }
  return {};
}

// What the topmost layer that has it says of a path all of whose parents are directories.
std::string Find(const std::vector<std::string>& layers, const std::string& path,
                 struct stat& info) {
  for (const std::string& layer : layers) {
    std::string file = layer + path;
    if (lstat(file.c_str(), &info) == 0) return file;
  }
  return "";
}

std::string LinkTarget(const std::string& file) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = readlink(file.c_str(), target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<size_t>(size)) : "";
}

// Takes the first component off the path; "" for one that says nothing.
std::string TakePart(std::string& rest) {
  const size_t from = std::min(rest.find_first_not_of('/'), rest.size());
  const size_t end = std::min(rest.find('/', from), rest.size());
  std::string part = rest.substr(from, end - from);
  rest.erase(0, end);
  return part == "." ? "" : part;
}

}  // namespace

std::optional<StoredImage> ReadStoredImage(const std::string& path, const Digest& config) {
  auto text = ReadFileCapped(path, kMaxConfig, Trust::kAnyone);
  if (!text.ok() || Sha256Hex(text.value()) != config.hex()) return std::nullopt;
  auto layers = DiffIdsOf(text.value(), config.text());
  if (!layers.ok()) return std::nullopt;
  return StoredImage{.name = std::string(config.hex().substr(0, kIdShown)),
                     .config = config,
                     .diff_ids = std::move(layers).value(),
                     .text = std::move(text).value(),
                     .layers = {}};
}

Result<std::vector<StoredImage>> ListLocalImages(const ImageStores& stores) {
  std::vector<StoredImage> images;
  if (!stores.docker.empty() && HasDockerStore(stores.docker)) {
    TRY(AddDocker(stores.docker, images));
  }
  if (!stores.containers.empty() && HasContainersStore(stores.containers)) {
    TRY(AddContainers(stores.containers, images));
  }
  if (!stores.containerd.empty() && HasContainerdStore(stores.containerd)) {
    TRY(AddContainerdImages(stores.containerd, images));
  }
  return images;
}

std::string ResolveInLayers(const std::vector<std::string>& layers, const std::string& path) {
  constexpr int kMostLinks = 40;
  int links = 0;
  std::string done;
  std::string rest = path;
  struct stat info {};
  while (!rest.empty()) {
    const std::string part = TakePart(rest);
    if (part == "..") done.erase(std::min(done.rfind('/'), done.size()));
    if (part.empty() || part == "..") continue;
    std::string next = done;
    next.append("/").append(part);
    const std::string file = Find(layers, next, info);
    if (file.empty()) return "";
    if (!S_ISLNK(info.st_mode)) {
      done = std::move(next);
      continue;
    }
    const std::string target = LinkTarget(file);
    if (target.empty() || ++links > kMostLinks) return "";
    if (target.front() == '/') done.clear();
    rest.insert(0, target);
  }
  return S_ISREG(info.st_mode) ? done : "";
}

}  // namespace runward
