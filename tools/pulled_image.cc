#include "tools/pulled_image.h"

#include <algorithm>
#include <set>

namespace runward {
namespace {

bool IsPinned(const std::string& name) { return name.find('@') != std::string::npos; }

// Whether a registry is to be asked by that name of the image.
bool IsAsked(const StoredImage& image, const std::string& name, const ImageReference& reference) {
  if (reference.host() == "localhost") return false;  // podman's word for "built here"
  const bool pinned = std::ranges::any_of(image.references, IsPinned);
  if (pinned) return IsPinned(name);
  return name.starts_with(reference.host() + "/");  // where it is from, and not only "web:1"
}

}  // namespace

std::vector<PulledImage> WhereToAsk(const std::vector<StoredImage>& images) {
  std::vector<PulledImage> all;
  std::set<std::string> seen;
  for (const StoredImage& image : images) {
    for (const std::string& name : image.references) {
      auto reference = ImageReference::Parse(name);
      if (!reference.ok() || !IsAsked(image, name, reference.value())) continue;
      if (!seen.insert(reference.value().Text()).second) continue;
      all.push_back({.shown = image.name.empty() ? name : image.name,
                     .reference = std::move(reference).value(),
                     .config = image.config});
    }
  }
  std::ranges::stable_sort(all, {}, [](const PulledImage& one) { return one.reference.host(); });
  return all;
}

}  // namespace runward
