#include <sys/utsname.h>

#include <array>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "tools/verdict_image.h"

namespace runward {
namespace {

constexpr size_t kMaxBlob = size_t{8} << 20;
constexpr int kMaxIndexes = 4;  // of an index in an index

Result<std::string> ReadBlob(const std::string& directory, const Digest& digest) {
  const std::string path = directory + "/blobs/sha256/" + std::string(digest.hex());
  std::string text = TRY(ReadFileCapped(path, kMaxBlob, Trust::kAnyone));
  if (Sha256Hex(text) == digest.hex()) return text;
  return Error{"\"" + path + "\" does not have the hash that its name says",
               "the directory is damaged: save the image again"};
}

Result<Digest> DigestMember(const JsonValue& descriptor, const std::string& where) {
  const std::optional<Digest> digest = Digest::Parse(descriptor.Find("digest").text());
  if (!digest) return Error{"\"" + where + "\": a descriptor has no sha256 digest", ""};
  return *digest;
}

std::string_view HostArchitecture() {
  static const utsname names = [] {
    utsname host{};
    uname(&host);
    return host;
  }();
  const std::string_view machine = names.machine;
  constexpr std::array<std::array<std::string_view, 2>, 4> kGoNames = {
      {{"x86_64", "amd64"}, {"aarch64", "arm64"}, {"riscv64", "riscv64"}, {"s390x", "s390x"}}};
  for (const auto& [kernel, go] : kGoNames) {
    if (machine == kernel) return go;
  }
  return machine;
}

// An index also lists what is no image for this machine: other platforms, attestations.
bool ForThisHost(const JsonValue& descriptor) {
  const JsonValue platform = descriptor.Find("platform");
  if (!platform) return true;
  return platform.Find("os").text() == "linux" &&
         platform.Find("architecture").text() == HostArchitecture();
}

class Layout {
 public:
  Layout(const std::string& directory, const std::optional<Digest>& wanted)
      : directory_(directory), wanted_(wanted) {}

  Result<LocalImage> Find() {
    const std::string path = directory_ + "/index.json";
    const std::string index = TRY(ReadFileCapped(path, kMaxBlob, Trust::kOwner));
    TRY(Collect(index, 0));
    if (found_.size() == 1) return Load(found_.front());
    std::string list;
    for (const LocalImage& image : found_) {
      list += " --manifest " + image.manifest->text();
      if (!image.name.empty()) list += " (" + image.name + ")";
    }
    if (found_.empty()) return Error{"\"" + directory_ + "\" holds no such image", ""};
    return Error{"\"" + directory_ + "\" holds several images", "choose one:" + list};
  }

 private:
  Result<void> Collect(const std::string& text, int depth) {
    if (depth > kMaxIndexes) return Error{"\"" + directory_ + "\": indexes nest too deeply", ""};
    const JsonDocument index = TRY(JsonDocument::Parse(text, {.max_bytes = kMaxBlob}));
    for (const JsonValue descriptor : index.root().Find("manifests")) {
      const Digest digest = TRY(DigestMember(descriptor, directory_));
      const std::string_view type = descriptor.Find("mediaType").text();
      if (type.find("index") != std::string_view::npos ||
          type.find("manifest.list") != std::string_view::npos) {
        const std::string inner = TRY(ReadBlob(directory_, digest));
        TRY(Collect(inner, depth + 1));
      } else if (wanted_ ? *wanted_ == digest : ForThisHost(descriptor)) {
        Add(digest, descriptor.Find("annotations"));
      }
    }
    return {};
  }

  void Add(const Digest& digest, const JsonValue& annotations) {
    for (const LocalImage& known : found_) {
      if (known.manifest == digest) return;
    }
    LocalImage image;
    image.manifest = digest;
    // containerd writes the whole name, others only a tag into the standard's annotation.
    image.name = std::string(annotations.Find("io.containerd.image.name").text());
    found_.push_back(std::move(image));
  }

  Result<LocalImage> Load(LocalImage image) const {
    const std::string manifest_text = TRY(ReadBlob(directory_, *image.manifest));
    const JsonDocument manifest = TRY(JsonDocument::Parse(manifest_text));
    image.config = TRY(DigestMember(manifest.root().Find("config"), directory_));
    const std::string config = TRY(ReadBlob(directory_, *image.config));
    image.diff_ids = TRY(DiffIdsOf(config, directory_));
    return image;
  }

  std::string directory_;
  std::optional<Digest> wanted_;
  std::vector<LocalImage> found_;
};

// What `docker save` packed before Docker 25: manifest.json and <hex>.json.
Result<LocalImage> FindInArchive(const std::string& directory) {
  const std::string path = directory + "/manifest.json";
  const std::string text = TRY(ReadFileCapped(path, kMaxBlob, Trust::kOwner));
  const JsonDocument manifest = TRY(JsonDocument::Parse(text, {.max_bytes = kMaxBlob}));
  if (manifest.root().size() != 1) {
    return Error{
        "\"" + path + "\" lists " + std::to_string(manifest.root().size()) + " images, not one",
        "save the one image alone: docker save NAME"};
  }
  const JsonValue entry = *manifest.root().begin();
  std::string_view file = entry.Find("Config").text();
  const size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  if (file.ends_with(".json")) file.remove_suffix(5);
  LocalImage image;
  image.config = Digest::FromHex(file);
  if (!image.config) return Error{"\"" + path + "\" names no config by its SHA-256", ""};
  const std::string config_path = directory + "/" + std::string(image.config->hex()) + ".json";
  const std::string config = TRY(ReadFileCapped(config_path, kMaxBlob, Trust::kAnyone));
  if (Sha256Hex(config) != image.config->hex()) {
    return Error{"\"" + config_path + "\" does not have the hash that its name says", ""};
  }
  image.diff_ids = TRY(DiffIdsOf(config, directory));
  for (const JsonValue tag : entry.Find("RepoTags")) {
    if (image.name.empty()) image.name = std::string(tag.text());
  }
  return image;
}

}  // namespace

Result<LocalImage> FindDirectoryImage(const std::string& directory,
                                      const std::optional<Digest>& manifest) {
  if (!FileMissing(directory + "/index.json")) return Layout(directory, manifest).Find();
  if (!FileMissing(directory + "/manifest.json")) return FindInArchive(directory);
  return Error{"\"" + directory +
                   "\" is neither an OCI layout (index.json) nor an unpacked "
                   "docker save (manifest.json)",
               ""};
}

}  // namespace runward
