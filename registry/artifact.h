#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/dsse.h"
#include "policy/names.h"

namespace runward {

inline constexpr std::string_view kImageManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kImageIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kEnvelopeType = "application/vnd.dsse.envelope.v1+json";
inline constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::string_view kEmptyConfig = "{}";
inline constexpr std::string_view kEmptyConfigType = "application/vnd.oci.empty.v1+json";

// image-spec descriptor.md
struct Descriptor {
  std::string media_type;
  Digest digest;
  int64_t size = 0;
  std::string artifact_type;   // in an index of referrers
  std::string predicate_type;  // cosign's annotation, or Sigstore's; "" when there is none
};

// An image manifest or an index of either of the two makers, OCI or Docker.
struct ManifestView {
  bool index = false;
  std::string media_type;
  std::optional<Descriptor> config;
  std::vector<Descriptor> layers;
  std::vector<Descriptor> manifests;  // of an index
};

// Descriptors by another digest than SHA-256 are left out. An Error for what is neither of the two,
// or has more than kMaxDescriptors entries.
inline constexpr size_t kMaxDescriptors = 1000;
Result<ManifestView> ParseManifest(const std::string& text);

// A Sigstore bundle (v0.3) around the envelope, which must have one signature.
std::string FormatBundle(const Envelope& envelope);

// The manifest of a bundle that refers to `subject` (image-spec manifest.md; its annotations are
// cosign's). `created` is RFC 3339.
std::string FormatReferrer(const Descriptor& subject, const Descriptor& bundle,
                           const std::string& predicate_type, const std::string& created);

// The index under the referrers tag, with `referrer` as its last entry, and every other entry as it
// was; `existing` is "" for none. nullopt when it is there already.
Result<std::optional<std::string>> AppendReferrer(const std::string& existing,
                                                  const Descriptor& referrer,
                                                  const std::string& created);

// The manifest under cosign's tag for attestations with one more envelope as its last layer, and
// the image config that it refers to. nullopt when the envelope is there already.
struct AttestationManifest {
  std::string text;
  std::string config;
};
Result<std::optional<AttestationManifest>> AppendAttestation(const std::string& existing,
                                                             const Descriptor& envelope);

}  // namespace runward
