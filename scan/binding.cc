#include "scan/binding.h"

#include <algorithm>

namespace runward {
namespace {

constexpr size_t kMostManifests = 64;

bool Meet(const std::vector<Digest>& a, const std::vector<Digest>& b) {
  return std::ranges::any_of(
      a, [&](const Digest& one) { return std::ranges::find(b, one) != b.end(); });
}

void Unite(const std::vector<Digest>& more, std::vector<Digest>& all) {
  for (const Digest& digest : more) {
    if (std::ranges::find(all, digest) == all.end()) all.push_back(digest);
  }
}

std::vector<Digest> ConfigsOf(const Report& report) {
  if (!report.identity.config) return {};
  return {*report.identity.config};
}

std::vector<Digest> ChainsOf(const std::vector<Digest>& layers) {
  const std::optional<Digest> chain = ChainIdOf(layers);
  if (!chain) return {};
  return {*chain};
}

bool HasDigests(const KnownImage& image) {
  return !image.manifests.empty() || !image.configs.empty() || !image.chains.empty() ||
         !image.diff_ids.empty();
}

// Legacy reports name the layers in which they found something: other images may share those.
bool LayersWithin(const Report& report, const KnownImage& given) {
  return !report.identity.layers.empty() && !given.diff_ids.empty() &&
         std::ranges::all_of(report.identity.layers, [&](const Digest& layer) {
           return std::ranges::find(given.diff_ids, layer) != given.diff_ids.end();
         });
}

Error Other(const Report& report, const std::string& which) {
  return {"\"" + report.file + "\" is a report on another image: " + which,
          "scan this image, or give the one that was scanned"};
}

std::string Shown(const std::vector<Digest>& digests) {
  return digests.empty() ? "none" : digests.front().text();
}

// Whether one of the identities is the same, and none speaks against it.
Result<bool> Same(const Report& report, const KnownImage& given) {
  const ReportIdentity& identity = report.identity;
  const std::vector<Digest> configs = ConfigsOf(report);
  const bool layers = !identity.diff_ids.empty() && !given.diff_ids.empty();
  if (layers && identity.diff_ids != given.diff_ids) {
    return Other(report, "its layers are others");
  }
  const std::optional<Digest> own =
      ChainIdOf(identity.diff_ids.empty() ? given.diff_ids : identity.diff_ids);
  const auto differs = [&](const Digest& chain) { return chain != *own; };
  if (own && std::ranges::any_of(given.chains, differs)) {
    return Other(report, "its layers are others");
  }
  // With containerd's image store Docker calls the manifest the image's id.
  const bool config = Meet(configs, given.configs) || Meet(configs, given.manifests);
  if (!configs.empty() && !given.configs.empty() && !config) {
    return Other(report, "it names " + Shown(configs) + ", the image is " + Shown(given.configs));
  }
  return layers || config || Meet(identity.manifests, given.manifests) ||
         Meet(ChainsOf(identity.diff_ids), given.chains);
}

bool CallsItSo(const Report& report, const std::string& name) {
  const auto& names = report.identity.names;
  return !name.empty() && std::ranges::find(names, name) != names.end();
}

// Whether nothing but a name or shared layers ties the report to the given image; an Error when not
// even that does.
Result<bool> ByNameOnly(const Report& report, const KnownImage& given) {
  const ReportIdentity& identity = report.identity;
  const bool reports_own = identity.config || !identity.diff_ids.empty();
  if (HasDigests(given)) {
    const bool same = TRY(Same(report, given));
    const bool comparable = reports_own || !identity.manifests.empty();
    if (!same && comparable) return Other(report, "no digest of the two is the same");
    if (same || LayersWithin(report, given) || CallsItSo(report, given.name)) return !same;
    return Error{"\"" + report.file + "\" does not say which image was scanned",
                 "scan an image with Trivy 0.20 or Grype 0.10 or newer, by its name"};
  }
  if (reports_own) return given.by_name_only;
  return Error{"\"" + report.file +
                   "\" does not say which image was scanned: it has neither the "
                   "config's digest nor layers",
               "give the image with --image NAME of a local one, or --config and --diff-id"};
}

}  // namespace

Result<KnownImage> BindImage(const Report& report, const KnownImage& given) {
  const ReportIdentity& identity = report.identity;
  if (!identity.problem.empty()) {
    return Error{"\"" + report.file + "\" cannot be believed: " + identity.problem,
                 "scan the image again"};
  }
  KnownImage image = given;
  image.by_name_only = TRY(ByNameOnly(report, given));
  if (!image.by_name_only) {
    Unite(ConfigsOf(report), image.configs);
    Unite(identity.manifests, image.manifests);
    if (image.diff_ids.empty()) image.diff_ids = identity.diff_ids;
  }
  if (image.manifests.size() > kMostManifests) {
    image.manifests.erase(image.manifests.begin() + kMostManifests, image.manifests.end());
  }
  if (image.name.empty() && !identity.names.empty()) image.name = identity.names.front();
  if (image.configs.empty() && image.diff_ids.empty() && image.chains.empty()) {
    return Error{"neither layers nor config of the image are known, which nodes can check",
                 "--image NAME of a local one, or --config and --diff-id with its digests"};
  }
  return image;
}

}  // namespace runward
