#include <filesystem>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "tools/verdict_image.h"

namespace runward {
namespace {

constexpr size_t kMaxIndex = size_t{64} << 20;
constexpr size_t kMaxConfig = size_t{8} << 20;

// A name as Docker shows it (distribution/reference "familiar"): without docker.io/library/, and
// with :latest when it has no tag.
std::string FamiliarName(std::string_view name) {
  for (std::string_view prefix : {"index.docker.io/", "docker.io/", "library/"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  const size_t slash = name.rfind('/');
  const size_t from = slash == std::string_view::npos ? 0 : slash;
  const bool tagged = name.find_first_of(":@", from) != std::string_view::npos;
  return std::string(name) + (tagged ? "" : ":latest");
}

class DockerStore {
 public:
  explicit DockerStore(const std::string& root) : base_(root + "/image/overlay2") {}

  Result<std::optional<LocalImage>> Find(const std::string& name) const {
    const std::string text = TRY(ReadFileCapped(IndexPath(), kMaxIndex, Trust::kOwner));
    const JsonDocument index = TRY(JsonDocument::Parse(text, {.max_bytes = kMaxIndex}));
    LocalImage image;
    image.config = TRY(FindNamed(index, FamiliarName(name)));
    if (image.config) image.name = name;  // as the user wrote it
    if (!image.config) image.config = TRY(FindById(name));
    if (!image.config) return std::optional<LocalImage>();
    const std::string config = TRY(ReadConfig(*image.config));
    image.diff_ids = TRY(DiffIdsOf(config, name));
    Describe(index, image);
    return std::optional(std::move(image));
  }

  [[nodiscard]] std::string IndexPath() const { return base_ + "/repositories.json"; }

 private:
  static Result<std::optional<Digest>> FindNamed(const JsonDocument& index,
                                                 const std::string& name) {
    for (const JsonValue repository : index.root().Find("Repositories")) {
      if (const JsonValue id = repository.Find(name)) return Digest::Parse(id.text());
    }
    return std::optional<Digest>();
  }

  Result<std::optional<Digest>> FindById(std::string_view id) const {
    if (id.starts_with("sha256:")) id.remove_prefix(7);
    std::optional<Digest> found;
    if (!IsIdPrefix(id)) return found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(ConfigDirectory(), error)) {
      const std::string name = entry.path().filename();
      if (!name.starts_with(id)) continue;
      if (found) {
        return Error{
            "several images of Docker's have an id that starts with \"" + std::string(id) + "\"",
            "give more digits of it"};
      }
      found = Digest::FromHex(name);
    }
    return found;
  }

  Result<std::string> ReadConfig(const Digest& config) const {
    const std::string path = ConfigDirectory() + "/" + std::string(config.hex());
    std::string text = TRY(ReadFileCapped(path, kMaxConfig, Trust::kAnyone));
    if (Sha256Hex(text) == config.hex()) return text;
    return Error{"\"" + path + "\" does not have the hash that its name says",
                 "the store is damaged: pull the image again"};
  }

  // The name, and the manifest that it was pulled by, when the store knows them.
  static void Describe(const JsonDocument& index, LocalImage& image) {
    for (const JsonValue repository : index.root().Find("Repositories")) {
      for (const JsonValue entry : repository) {
        if (entry.text() != image.config->text()) continue;
        const size_t at = entry.key().find('@');
        if (at == std::string_view::npos) {
          if (image.name.empty()) image.name = std::string(entry.key());
        } else if (!image.manifest) {
          image.manifest = Digest::Parse(entry.key().substr(at + 1));
        }
      }
    }
  }

  [[nodiscard]] std::string ConfigDirectory() const { return base_ + "/imagedb/content/sha256"; }

  std::string base_;
};

}  // namespace

bool HasDockerStore(const std::string& docker_root) {
  return !FileMissing(DockerStore(docker_root).IndexPath());
}

Result<std::optional<LocalImage>> FindDockerImage(const std::string& name,
                                                  const std::string& docker_root) {
  return DockerStore(docker_root).Find(name);
}

}  // namespace runward
