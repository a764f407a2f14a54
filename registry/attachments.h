#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "registry/artifact.h"
#include "registry/repository.h"

namespace runward {

// A signed envelope on its way into a registry.
struct Attachment {
  Envelope envelope;
  std::string predicate_type;
  std::string created;  // when its statement says that it was made, RFC 3339
};

// What stands under an image's digest in a repository by the three ways that are in use: cosign's
// tag sha256-<hex>.att, the referrers API, and where a registry lacks that, the referrers tag
// sha256-<hex>.
class Attachments {
 public:
  static constexpr size_t kMaxAttached = 256;  // a way; more is an Error, so that none goes unseen

  explicit Attachments(Repository& repository) : repository_(repository) {}

  // Puts it under cosign's tag and as a referrer, beside what is there. Once more changes nothing.
  Result<void> Add(const Descriptor& subject, const Attachment& attachment);

  // The texts, each once, that may be envelopes or bundles of a verdict or a revocation. What is
  // declared as another predicate's is left out; nothing is verified.
  Result<std::vector<std::string>> Collect(const Digest& subject);

 private:
  Result<void> AddAttestation(const Descriptor& subject, const Attachment& attachment);
  Result<void> AddReferrer(const Descriptor& subject, const Attachment& attachment);
  Result<void> AddToTag(const std::string& tag, const Descriptor& referrer,
                        const std::string& created);
  // The manifest's text by tag or digest, "" for none.
  Result<std::string> Under(const std::string& reference);
  Result<std::vector<Descriptor>> Referrers(const Digest& subject);
  Result<void> CollectBlobs(const std::string& reference, std::vector<std::string>& texts);

  Repository& repository_;
};

}  // namespace runward
