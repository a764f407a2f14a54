#include "tools/verdict_image.h"

#include <sys/stat.h>

#include "base/json.h"

namespace runward {
namespace {

constexpr size_t kLeastPrefix = 4;  // of an id's digits
constexpr size_t kIdDigits = 64;

struct Store {
  const char* name;
  const char* list;  // the command that lists its images
  std::string root;
  bool (*has)(const std::string&);
  Result<std::optional<LocalImage>> (*find)(const std::string&, const std::string&);
};

std::vector<Store> WantedStores(const ImageStores& stores) {
  std::vector<Store> wanted;
  if (!stores.docker.empty()) {
    wanted.push_back({"Docker", "docker images", stores.docker, HasDockerStore, FindDockerImage});
  }
  if (!stores.containers.empty()) {
    wanted.push_back(
        {"podman", "podman images", stores.containers, HasContainersStore, FindContainersImage});
  }
  return wanted;
}

// Why no store has the image.
Error Nowhere(const std::string& image, const std::vector<Store>& stores) {
  std::string searched;
  std::string absent;
  Error error;
  for (const Store& store : stores) {
    const std::string shown = std::string(store.name) + " at \"" + store.root + "\"";
    std::string& list = store.has(store.root) ? searched : absent;
    list += (list.empty() ? "" : ", nor ") + shown;
    if (store.has(store.root) && error.hint.empty()) {
      error.hint = std::string(store.list) + " lists them, and pull " + image + " gets it";
    }
  }
  if (!searched.empty()) {
    error.message = "no image \"" + image + "\" in the store of " + searched;
  } else {
    error = {"no image store of " + absent,
             "name Docker's data-root with --docker-root or podman's graph root with "
             "--containers-root, or the image's digests with --config and --diff-id"};
  }
  return error;
}

}  // namespace

ImageStores StoresOf(const Options& options) {
  const bool given = options.Has("--docker-root") || options.Has("--containers-root") ||
                     options.Has("--containerd-root");
  const auto place = [&](std::string_view flag, const char* usual) {
    return options.Last(flag, given ? "" : usual);
  };
  return {.docker = place("--docker-root", "/var/lib/docker"),
          .containers = place("--containers-root", "/var/lib/containers/storage"),
          .containerd = place("--containerd-root", "/var/lib/containerd")};
}

bool IsIdPrefix(std::string_view id) {
  return id.size() >= kLeastPrefix && id.size() <= kIdDigits &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::vector<Digest>> DiffIdsOf(const std::string& config, const std::string& name) {
  const JsonDocument document = TRY(JsonDocument::Parse(config));
  const JsonValue rootfs = TRY(document.root().Field("rootfs"));
  const JsonValue list = TRY(rootfs.Field("diff_ids"));
  std::vector<Digest> layers;
  for (const JsonValue entry : list) {
    const std::optional<Digest> layer = Digest::Parse(entry.text());
    if (!layer)
      return Error{"image \"" + name + "\": its config has a layer that is no SHA-256", ""};
    layers.push_back(*layer);
  }
  if (layers.empty()) return Error{"image \"" + name + "\": its config names no layers", ""};
  return layers;
}

Result<std::optional<LocalImage>> LookUpLocalImage(const std::string& image,
                                                   const ImageStores& stores,
                                                   const std::optional<Digest>& manifest) {
  struct stat info {};
  const bool directory = stat(image.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  // A path is meant only when it looks like one: "busybox" is an image even beside a directory of
  // that name.
  if (directory && (image.starts_with('/') || image.starts_with('.'))) {
    return std::optional(TRY(FindDirectoryImage(image, manifest)));
  }
  std::optional<LocalImage> found;
  for (const Store& store : WantedStores(stores)) {
    if (!store.has(store.root)) continue;
    std::optional<LocalImage> here = TRY(store.find(image, store.root));
    if (here && found && here->config != found->config) {
      return Error{"Docker and podman have different images \"" + image + "\"",
                   "choose the store with --docker-root or --containers-root"};
    }
    if (!found) found = std::move(here);
  }
  return found;
}

Result<LocalImage> FindLocalImage(const std::string& image, const ImageStores& stores,
                                  const std::optional<Digest>& manifest) {
  std::optional<LocalImage> found = TRY(LookUpLocalImage(image, stores, manifest));
  if (!found) return Nowhere(image, WantedStores(stores));
  return *std::move(found);
}

}  // namespace runward
