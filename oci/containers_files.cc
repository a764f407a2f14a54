#include "oci/containers_files.h"

#include "base/encoding.h"

namespace runward {
namespace {

// Some 30,000 layers or images: an engine with as many would take seconds for each of its commands.
constexpr size_t kMaxListBytes = size_t{16} << 20;

}  // namespace

Result<void> ContainersFiles::List::Index() {
  if (!document_.root().IsArray()) return Error{"the image store's list is no array", ""};
  for (const JsonValue entry : document_.root()) {
    const std::string_view id = entry.Find("id").text();
    if (id.empty()) return Error{"the image store's list has an entry without an id", ""};
    if (!by_id_.emplace(id, entry).second) {
      return Error{"the image store's list has \"" + std::string(id) + "\" twice", ""};
    }
  }
  return {};
}

JsonValue ContainersFiles::List::Find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? JsonValue() : found->second;
}

Result<ContainersFiles::List> ContainersFiles::Read(const std::string& name) const {
  const std::string path = root_ + "/" + name;
  // The engine makes a list with its first entry.
  std::string text = FileMissing(path) ? "[]" : TRY(ReadFileCapped(path, kMaxListBytes, trust_));
  Result<JsonDocument> document =
      JsonDocument::Parse(std::move(text), {.max_bytes = kMaxListBytes, .max_depth = 16});
  if (!document.ok()) return Error{"\"" + path + "\": " + document.error().message, ""};
  List list(std::move(document).value());
  TRY(list.Index());
  return list;
}

std::string ContainersFiles::ConfigPath(std::string_view image_id) const {
  // containers/storage writes a big data item's name in base64 unless it is of [.0-9a-z] alone.
  const std::string key = "sha256:" + std::string(image_id);
  return root_ + "/overlay-images/" + std::string(image_id) + "/=" + Base64Encode(key);
}

bool ImageHasLayer(const JsonValue& image, std::string_view layer) {
  if (layer.empty()) return false;
  if (image.Find("layer").text() == layer) return true;
  for (const JsonValue mapped : image.Find("mapped-layers")) {
    if (mapped.text() == layer) return true;
  }
  return false;
}

}  // namespace runward
