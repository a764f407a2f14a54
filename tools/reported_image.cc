#include "tools/reported_image.h"

#include <algorithm>

#include "registry/image_reference.h"
#include "tools/verdict_image.h"

namespace runward {
namespace {

// As `docker images` shows ids. What is shorter may be a name ("cafe"), or of another image too.
constexpr size_t kLeastId = 12;

std::vector<Digest> DigestsIn(const Report& report) {
  std::vector<Digest> digests = report.identity.manifests;
  if (report.identity.config) digests.push_back(*report.identity.config);
  return digests;
}

std::string_view HexOf(std::string_view image) {
  constexpr std::string_view kAlgorithm = "sha256:";
  if (image.starts_with(kAlgorithm)) image.remove_prefix(kAlgorithm.size());
  return image;
}

bool HasId(const Report& report, const std::string& image) {
  return std::ranges::any_of(
      DigestsIn(report), [&](const Digest& one) { return one.hex().starts_with(HexOf(image)); });
}

bool HasName(const Report& report, const ImageReference& image) {
  return std::ranges::any_of(report.identity.names, [&](const std::string& name) {
    const Result<ImageReference> other = ImageReference::Parse(name);
    return other.ok() && other.value().Text() == image.Text();
  });
}

// With a digest, that one counts: a tag moves.
bool Confirms(const Report& report, const std::string& image) {
  if (IsImageId(image) && HasId(report, image)) return true;
  const Result<ImageReference> named = ImageReference::Parse(image);
  if (!named.ok()) return false;
  const std::optional<Digest>& digest = named.value().digest();
  const std::vector<Digest> all = DigestsIn(report);
  return digest ? std::ranges::find(all, *digest) != all.end() : HasName(report, named.value());
}

}  // namespace

bool IsImageId(const std::string& image) {
  return HexOf(image).size() >= kLeastId && IsIdPrefix(HexOf(image));
}

Result<void> CheckReported(const std::string& image, const Report& report) {
  if (Confirms(report, image)) return {};
  const auto& names = report.identity.names;
  const std::string of = names.empty() ? "names no image" : "is on \"" + names.front() + "\"";
  return Error{"no image \"" + image + "\" on this machine, and \"" + report.file + "\" " + of +
                   ": nothing says that it is the same image",
               "pull it, scan it by that very name or its digest (NAME@sha256:…), give its digests "
               "with --config and --diff-id, or, for what the verdict calls it alone, use --name"};
}

}  // namespace runward
