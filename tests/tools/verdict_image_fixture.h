#pragma once

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "tests/tools/verdict_fixture.h"
#include "tools/verdict_image.h"

namespace runward::fixtures {

// Images in the files of a store: a Docker data-root, an OCI layout.
class VerdictImageTest : public VerdictCommandTest {
 protected:
  using Json = nlohmann::ordered_json;

  static std::string Config(char layer) {
    return Json{{"architecture", "amd64"},
                {"rootfs", {{"type", "layers"}, {"diff_ids", {"sha256:" + Hex(layer)}}}}}
        .dump();
  }
  static std::string Id(const std::string& text) { return "sha256:" + Sha256Hex(text); }

  void WriteDocker(const Json& repositories, const std::vector<std::string>& configs) const {
    Write("docker/image/overlay2/repositories.json", Json{{"Repositories", repositories}}.dump());
    for (const std::string& config : configs) {
      Write("docker/image/overlay2/imagedb/content/sha256/" + Sha256Hex(config), config);
    }
  }
  // Podman's store, of images by name and their one layer.
  void WriteContainers(const std::vector<std::pair<std::string, char>>& images) const {
    Json list = Json::array();
    for (const auto& [name, layer] : images) {
      const std::string hex = Sha256Hex(Config(layer));
      list.push_back({{"id", hex}, {"digest", "sha256:" + Hex('e')}, {"names", {name}}});
      WriteContainersConfig(hex, Config(layer));
    }
    Write("containers/overlay-images/images.json", list.dump());
  }
  void WriteContainersConfig(const std::string& hex, const std::string& text) const {
    Write("containers/overlay-images/" + hex + "/=" + Base64Encode("sha256:" + hex), text);
  }
  // The blob's descriptor.
  Json WriteBlob(const std::string& text, const std::string& type) const {
    Write("layout/blobs/sha256/" + Sha256Hex(text), text);
    return {{"mediaType", type}, {"digest", Id(text)}, {"size", text.size()}};
  }
  Json WriteImage(char layer) const {
    const Json config = WriteBlob(Config(layer), "application/vnd.oci.image.config.v1+json");
    return WriteBlob(Json{{"schemaVersion", 2}, {"config", config}}.dump(),
                     "application/vnd.oci.image.manifest.v1+json");
  }
  static Json Index(const std::vector<Json>& manifests) {
    return {{"schemaVersion", 2}, {"manifests", manifests}};
  }
  static std::string ErrorOf(const Result<LocalImage>& image) {
    return image.ok() ? "found" : image.error().message + " / " + image.error().hint;
  }
};

}  // namespace runward::fixtures
