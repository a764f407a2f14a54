#include "base/encoding.h"
#include "base/file.h"
#include "oci/containers_files.h"
#include "tools/verdict_image.h"

namespace runward {
namespace {

constexpr size_t kMaxConfig = size_t{8} << 20;

// With :latest when it has no tag, as podman completes it.
std::string Tagged(const std::string& name) {
  const size_t slash = name.rfind('/');
  const size_t from = slash == std::string::npos ? 0 : slash;
  return name.find_first_of(":@", from) == std::string::npos ? name + ":latest" : name;
}

// Podman keeps whole names, "localhost/web:1" or "docker.io/library/busybox:1", and takes the end
// of one for it.
bool HasName(const JsonValue& image, const std::string& name) {
  for (const JsonValue known : image.Find("names")) {
    const std::string_view whole = known.text();
    if (whole == name || whole.ends_with("/" + name)) return true;
  }
  return false;
}

// The one image of which `matches` says true. An Error, with `hint`, when there are several.
template <typename F>
Result<JsonValue> Only(const ContainersFiles::List& images, const std::string& name,
                       const char* hint, F matches) {
  JsonValue found;
  for (const JsonValue image : images.all()) {
    if (!matches(image)) continue;
    if (found) {
      return Error{"several images of podman's store could be meant by \"" + name + "\"", hint};
    }
    found = image;
  }
  return found;
}

Result<JsonValue> Search(const ContainersFiles::List& images, const std::string& name) {
  const std::string tagged = Tagged(name);
  for (const JsonValue image : images.all()) {  // a whole name is nobody else's
    for (const JsonValue known : image.Find("names")) {
      if (known.text() == tagged) return image;
    }
  }
  const JsonValue named = TRY(Only(images, name, "give the whole name, as podman images shows it",
                                   [&](const JsonValue& image) { return HasName(image, tagged); }));
  if (named) return named;
  std::string_view id = name;
  if (id.starts_with("sha256:")) id.remove_prefix(7);
  if (!IsIdPrefix(id)) return JsonValue();
  return Only(images, name, "give more digits of its id",
              [&](const JsonValue& image) { return image.Find("id").text().starts_with(id); });
}

}  // namespace

bool HasContainersStore(const std::string& graph_root) {
  return !FileMissing(graph_root + "/overlay-images/images.json");
}

Result<std::optional<LocalImage>> FindContainersImage(const std::string& name,
                                                      const std::string& graph_root) {
  const ContainersFiles store(graph_root, Trust::kOwner);
  const ContainersFiles::List images = TRY(store.Images());
  const JsonValue entry = TRY(Search(images, name));
  if (!entry) return std::optional<LocalImage>();
  LocalImage image;
  image.config = Digest::FromHex(entry.Find("id").text());
  if (!image.config) {
    return Error{"image \"" + name + "\" has an id that is not its config's digest", ""};
  }
  const std::string path = store.ConfigPath(image.config->hex());
  const std::string config = TRY(ReadFileCapped(path, kMaxConfig, Trust::kAnyone));
  if (Sha256Hex(config) != image.config->hex()) {
    return Error{"\"" + path + "\" does not have the hash that its name says",
                 "the store is damaged: pull the image again"};
  }
  image.diff_ids = TRY(DiffIdsOf(config, name));
  image.manifest = Digest::Parse(entry.Find("digest").text());
  const bool by_name = HasName(entry, Tagged(name));
  if (by_name) image.name = name;  // as the user wrote it
  for (const JsonValue known : entry.Find("names")) {
    if (image.name.empty() && known.text().find('@') == std::string_view::npos) {
      image.name = std::string(known.text());
    }
  }
  return std::optional(std::move(image));
}

}  // namespace runward
