#include "oci/verdict_store.h"

#include <algorithm>
#include <map>

#include "base/file.h"

namespace runward {
namespace {

bool Contains(const std::vector<Digest>& digests, const Digest& digest) {
  return std::ranges::find(digests, digest) != digests.end();
}

void AddOnce(std::vector<Digest>& digests, const Digest& digest) {
  if (!Contains(digests, digest)) digests.push_back(digest);
}

// The image's own digests, and those of its base chains that a profile names.
std::vector<Digest> Wanted(const Policy& policy, const ImageEvidence& image) {
  std::vector<Digest> wanted;
  if (image.chain) wanted.push_back(*image.chain);
  for (const Digest& config : image.configs) AddOnce(wanted, config);
  for (const Profile& profile : policy.profiles) {
    for (const Digest& base : profile.match.base_chains) {
      if (Contains(image.prefixes, base)) AddOnce(wanted, base);
    }
  }
  return wanted;
}

// Checks each distinct line once: an envelope lies under every digest that it speaks of.
class Checker {
 public:
  explicit Checker(const std::vector<TrustedKey>& trust) : trust_(trust) {}

  std::vector<CheckedEnvelope> Check(const std::string& text) {
    std::vector<CheckedEnvelope> envelopes;
    for (std::string_view line : SplitEnvelopes(text)) {
      const auto [entry, fresh] = seen_.try_emplace(std::string(line));
      if (fresh) entry->second = CheckEnvelope(line, trust_);
      envelopes.push_back(entry->second);
    }
    return envelopes;
  }

 private:
  const std::vector<TrustedKey>& trust_;
  std::map<std::string, CheckedEnvelope> seen_;
};

}  // namespace

std::string VerdictFile(const Paths& paths, const Digest& digest) {
  return paths.verdicts + "/sha256/" + std::string(digest.hex()) + ".intoto.jsonl";
}

Result<std::string> ReadVerdictFile(const Paths& paths, const Digest& digest) {
  const std::string path = VerdictFile(paths, digest);
  if (FileMissing(path)) return std::string();
  return ReadFileCapped(path, kMaxVerdictFile, Trust::kOwnerAndParents);
}

Result<std::vector<FoundEnvelopes>> LoadVerdicts(const Paths& paths, const Policy& policy,
                                                 const ImageEvidence& image) {
  std::vector<FoundEnvelopes> found;
  Checker checker(policy.trust);
  for (const Digest& digest : Wanted(policy, image)) {
    const std::string text = TRY(ReadVerdictFile(paths, digest));
    std::vector<CheckedEnvelope> envelopes = checker.Check(text);
    if (!envelopes.empty()) found.push_back({digest, std::move(envelopes)});
  }
  return found;
}

}  // namespace runward
