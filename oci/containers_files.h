#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/json.h"
#include "base/result.h"

namespace runward {

// The files of containers/storage (podman, buildah, CRI-O) below its graph root, such as
// /var/lib/containers/storage. The engine replaces each by rename, so whoever opens one reads one
// state of it; its locks are not needed for that, and are left alone. Two files may be of two
// states: what is concluded from both must hold by what each says alone.
class ContainersFiles {
 public:
  // One of the lists: an array of objects with an "id" each, by which they are found.
  class List {
   public:
    explicit List(JsonDocument document) : document_(std::move(document)) {}
    // An Error when the text is no such array, or an id is there twice.
    Result<void> Index();
    // Absent when there is none with that id.
    [[nodiscard]] JsonValue Find(std::string_view id) const;
    [[nodiscard]] JsonValue all() const { return document_.root(); }

   private:
    JsonDocument document_;
    std::map<std::string_view, JsonValue> by_id_;
  };

  // `trust` for every file that is read.
  ContainersFiles(std::string root, Trust trust) : root_(std::move(root)), trust_(trust) {}

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] Result<List> Layers() const { return Read("overlay-layers/layers.json"); }
  [[nodiscard]] Result<List> Images() const { return Read("overlay-images/images.json"); }
  [[nodiscard]] Result<List> Containers() const {
    return Read("overlay-containers/containers.json");
  }
  // Where an image's config is: named by its digest, in the image's own directory.
  [[nodiscard]] std::string ConfigPath(std::string_view image_id) const;

 private:
  [[nodiscard]] Result<List> Read(const std::string& name) const;

  std::string root_;
  Trust trust_;
};

// Whether an image (an element of Images) has that layer as its topmost one, or is kept a second
// time with it for containers whose user ids are mapped.
bool ImageHasLayer(const JsonValue& image, std::string_view layer);

}  // namespace runward
