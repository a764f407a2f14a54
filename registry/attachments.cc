#include "registry/attachments.h"

#include <algorithm>

#include "policy/verdict.h"

namespace runward {
namespace {

// A bundle is base64 in JSON around an envelope of at most kMaxEnvelopeBytes.
constexpr size_t kMaxBlob = kMaxEnvelopeBytes;
constexpr int kTries = 3;

std::string TagOf(const Digest& subject) { return "sha256-" + std::string(subject.hex()); }

Descriptor Describe(std::string_view media_type, const std::string& bytes) {
  return {.media_type = std::string(media_type),
          .digest = DigestOf(bytes),
          .size = static_cast<int64_t>(bytes.size())};
}

// Whether it can hold a verdict or a revocation, by what is said of it; "" is everything.
bool MayHold(const Descriptor& descriptor, std::string_view type) {
  const std::string_view predicate = descriptor.predicate_type;
  const bool ours = predicate.empty() || predicate == kVsaType || predicate == kRevocationType;
  constexpr std::string_view kBundle = "application/vnd.dev.sigstore.bundle";
  const bool readable =
      type.empty() || type.starts_with(kBundle) || type == kEnvelopeType || type == kStatementType;
  return ours && readable;
}

Error TooMany(const std::string& where, size_t count) {
  return Error{"\"" + where + "\" has " + std::to_string(count) + " attestations, more than the " +
                   std::to_string(Attachments::kMaxAttached) + " that are looked at",
               "remove what is not needed from the registry"};
}

}  // namespace

Result<std::string> Attachments::Under(const std::string& reference) {
  auto manifest = TRY(repository_.GetManifest(reference));
  return manifest ? std::move(manifest->text) : std::string();
}

Result<void> Attachments::AddAttestation(const Descriptor& subject, const Attachment& attachment) {
  const std::string envelope = FormatEnvelope(attachment.envelope);
  Descriptor layer = Describe(kEnvelopeType, envelope);
  layer.predicate_type = attachment.predicate_type;
  const std::string tag = TagOf(subject.digest) + ".att";
  // Registries know no condition on a tag: who puts at the same moment is found by looking again.
  for (int i = 0; i <= kTries; ++i) {
    const std::string there = TRY(Under(tag));
    const auto manifest = TRY(AppendAttestation(there, layer));
    if (!manifest) return {};
    if (i == kTries) break;
    (void)TRY(repository_.PutBlob(envelope));
    (void)TRY(repository_.PutBlob(manifest->config));
    TRY(repository_.PutManifest(tag, kImageManifestType, manifest->text));
  }
  return Error{"tag \"" + tag + "\" does not keep what is put there", "does somebody else push?"};
}

Result<void> Attachments::AddToTag(const std::string& tag, const Descriptor& referrer,
                                   const std::string& created) {
  for (int i = 0; i <= kTries; ++i) {
    const std::string there = TRY(Under(tag));
    const auto index = TRY(AppendReferrer(there, referrer, created));
    if (!index) return {};
    if (i == kTries) break;
    TRY(repository_.PutManifest(tag, kImageIndexType, *index));
  }
  return Error{"tag \"" + tag + "\" does not keep what is put there", "does somebody else push?"};
}

Result<void> Attachments::AddReferrer(const Descriptor& subject, const Attachment& attachment) {
  const std::string bundle = FormatBundle(attachment.envelope);
  (void)TRY(repository_.PutBlob(bundle));
  (void)TRY(repository_.PutBlob(std::string(kEmptyConfig)));
  const std::string manifest = FormatReferrer(subject, Describe(kBundleType, bundle),
                                              attachment.predicate_type, attachment.created);
  Descriptor referrer = Describe(kImageManifestType, manifest);
  referrer.artifact_type = std::string(kBundleType);
  referrer.predicate_type = attachment.predicate_type;
  const bool noted =
      TRY(repository_.PutManifest(referrer.digest.text(), kImageManifestType, manifest));
  if (noted) return {};
  return AddToTag(TagOf(subject.digest), referrer, attachment.created);
}

Result<void> Attachments::Add(const Descriptor& subject, const Attachment& attachment) {
  TRY(AddAttestation(subject, attachment));
  // A bundle has exactly one signature.
  if (attachment.envelope.signatures.size() != 1) return {};
  return AddReferrer(subject, attachment);
}

Result<std::vector<Descriptor>> Attachments::Referrers(const Digest& subject) {
  std::vector<Descriptor> found;
  auto pages = TRY(repository_.GetReferrers(subject));
  // The tag also where there is the API: it may stem from before the registry had that.
  const std::string under = TRY(Under(TagOf(subject)));
  if (!pages) pages.emplace();
  if (!under.empty()) pages->push_back(under);
  for (const std::string& page : *pages) {
    ManifestView view = TRY(ParseManifest(page));
    for (Descriptor& one : view.manifests) {
      const auto same = [&](const Descriptor& other) { return other.digest == one.digest; };
      if (!MayHold(one, one.artifact_type) || std::ranges::any_of(found, same)) continue;
      found.push_back(std::move(one));
    }
  }
  if (found.size() > kMaxAttached) return TooMany(subject.text(), found.size());
  return found;
}

Result<void> Attachments::CollectBlobs(const std::string& reference,
                                       std::vector<std::string>& texts) {
  const std::string manifest = TRY(Under(reference));
  if (manifest.empty()) return {};
  const ManifestView view = TRY(ParseManifest(manifest));
  const std::vector<Descriptor>& blobs = view.layers;
  if (blobs.size() > kMaxAttached) return TooMany(reference, blobs.size());
  for (const Descriptor& blob : blobs) {
    if (!MayHold(blob, blob.media_type)) continue;
    std::string text = TRY(repository_.GetBlob(blob.digest, blob.size, kMaxBlob));
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
  }
  return {};
}

Result<std::vector<std::string>> Attachments::Collect(const Digest& subject) {
  std::vector<std::string> texts;
  TRY(CollectBlobs(TagOf(subject) + ".att", texts));
  const std::vector<Descriptor> referrers = TRY(Referrers(subject));
  for (const Descriptor& referrer : referrers) {
    TRY(CollectBlobs(referrer.digest.text(), texts));
  }
  return texts;
}

}  // namespace runward
