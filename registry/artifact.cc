#include "registry/artifact.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/json.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kPredicateAnnotation = "dev.sigstore.bundle.predicateType";

std::optional<Descriptor> ParseDescriptor(const JsonValue& value) {
  const std::optional<Digest> digest = Digest::Parse(value.Find("digest").text());
  const JsonValue annotations = value.Find("annotations");
  const JsonValue ours = annotations.Find("predicateType");  // cosign's, in an attestation's layer
  const JsonValue predicate = ours ? ours : annotations.Find(kPredicateAnnotation);
  const Result<int64_t> size = value.Find("size").Int();
  if (!digest || !size.ok()) return std::nullopt;
  return Descriptor{.media_type = std::string(value.Find("mediaType").text()),
                    .digest = *digest,
                    .size = size.value(),
                    .artifact_type = std::string(value.Find("artifactType").text()),
                    .predicate_type = std::string(predicate.text())};
}

Result<std::vector<Descriptor>> ParseDescriptors(const JsonValue& list) {
  if (list.size() > kMaxDescriptors) {
    return Error{"a manifest has " + std::to_string(list.size()) + " entries, more than the " +
                     std::to_string(kMaxDescriptors) + " that are read",
                 ""};
  }
  std::vector<Descriptor> descriptors;
  for (const JsonValue value : list) {
    if (auto descriptor = ParseDescriptor(value)) descriptors.push_back(*std::move(descriptor));
  }
  return descriptors;
}

Json ToJson(const Descriptor& descriptor) {
  return {{"mediaType", descriptor.media_type},
          {"digest", descriptor.digest.text()},
          {"size", descriptor.size}};
}

Json Annotations(const std::string& predicate_type, const std::string& created) {
  return {{"org.opencontainers.image.created", created},
          {"dev.sigstore.bundle.content", "dsse-envelope"},
          {std::string(kPredicateAnnotation), predicate_type}};
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The entries of what is under a tag already, as they are; none when nothing is.
Result<Json> Existing(const std::string& text, std::string_view list) {
  if (text.empty()) return Json::array();
  (void)TRY(ParseManifest(text));  // strictly, before the lenient reader sees it
  const Json json = Json::parse(text, nullptr, false);
  const auto entries = json.find(list);
  if (entries != json.end() && entries->is_array()) return *entries;
  return Error{"what is under the tag is not what the tag is for", "remove it from the registry"};
}

bool Has(const Json& entries, const Digest& digest) {
  return std::ranges::any_of(
      entries, [&](const Json& entry) { return entry.value("digest", "") == digest.text(); });
}

}  // namespace

Result<ManifestView> ParseManifest(const std::string& text) {
  auto document = JsonDocument::Parse(text);
  if (!document.ok()) return Error{"a manifest is not valid JSON: " + document.error().message, ""};
  const JsonValue root = document.value().root();
  const JsonValue layers = root.Find("layers");
  const JsonValue manifests = root.Find("manifests");
  const JsonValue type = root.Find("mediaType");
  // image-spec manifest.md: what is both must be refused.
  if (layers.IsArray() == manifests.IsArray()) {
    return Error{"a manifest is neither an image's nor an index", "schema 1 is not read"};
  }
  ManifestView view{.index = manifests.IsArray(), .media_type = std::string(type.text())};
  view.layers = TRY(ParseDescriptors(layers));
  view.manifests = TRY(ParseDescriptors(manifests));
  view.config = ParseDescriptor(root.Find("config"));
  return view;
}

std::string FormatBundle(const Envelope& envelope) {
  // sigstore_common.proto: the hint names the key as the signature does.
  const Json bundle = {
      {"mediaType", kBundleType},
      {"verificationMaterial", {{"publicKey", {{"hint", envelope.signatures.front().keyid}}}}},
      {"dsseEnvelope", Json::parse(FormatEnvelope(envelope), nullptr, false)}};
  return Dump(bundle);
}

std::string FormatReferrer(const Descriptor& subject, const Descriptor& bundle,
                           const std::string& predicate_type, const std::string& created) {
  const Json manifest = {{"schemaVersion", 2},
                         {"mediaType", kImageManifestType},
                         {"artifactType", kBundleType},
                         {"config",
                          {{"mediaType", kEmptyConfigType},
                           {"digest", "sha256:" + Sha256Hex(kEmptyConfig)},
                           {"size", kEmptyConfig.size()}}},
                         {"layers", Json::array({ToJson(bundle)})},
                         {"subject", ToJson(subject)},
                         {"annotations", Annotations(predicate_type, created)}};
  return Dump(manifest);
}

Result<std::optional<std::string>> AppendReferrer(const std::string& existing,
                                                  const Descriptor& referrer,
                                                  const std::string& created) {
  Json entries = TRY(Existing(existing, "manifests"));
  if (Has(entries, referrer.digest)) return std::optional<std::string>();
  Json entry = ToJson(referrer);
  entry["artifactType"] = referrer.artifact_type;
  entry["annotations"] = Annotations(referrer.predicate_type, created);
  entries.push_back(std::move(entry));
  return std::optional(Dump(
      {{"schemaVersion", 2}, {"mediaType", kImageIndexType}, {"manifests", std::move(entries)}}));
}

Result<std::optional<AttestationManifest>> AppendAttestation(const std::string& existing,
                                                             const Descriptor& envelope) {
  Json layers = TRY(Existing(existing, "layers"));
  if (Has(layers, envelope.digest)) return std::optional<AttestationManifest>();
  Json layer = ToJson(envelope);
  layer["annotations"] = {{"dev.cosignproject.cosign/signature", ""},
                          {"predicateType", envelope.predicate_type}};
  layers.push_back(std::move(layer));
  Json diff_ids = Json::array();  // the layers are not compressed
  for (const Json& one : layers) diff_ids.push_back(one.value("digest", ""));
  AttestationManifest made;
  made.config = Dump({{"architecture", ""},
                      {"created", "0001-01-01T00:00:00Z"},
                      {"os", ""},
                      {"rootfs", {{"type", "layers"}, {"diff_ids", std::move(diff_ids)}}},
                      {"config", Json::object()}});
  made.text = Dump({{"schemaVersion", 2},
                    {"mediaType", kImageManifestType},
                    {"config",
                     {{"mediaType", "application/vnd.oci.image.config.v1+json"},
                      {"digest", "sha256:" + Sha256Hex(made.config)},
                      {"size", made.config.size()}}},
                    {"layers", std::move(layers)}});
  return std::optional(std::move(made));
}

}  // namespace runward
