#include "policy/match.h"

#include <algorithm>

#include "base/glob.h"

namespace runward {
namespace {

using Names = std::span<const std::string_view>;

bool FitsNames(const Profile& profile, Names names, MatchedBy by, Governing& out) {
  for (std::string_view pattern : profile.match.images) {
    for (std::string_view name : names) {
      if (!GlobMatch(pattern, name)) continue;
      out = {&profile, by, pattern, name};
      return true;
    }
  }
  return false;
}

bool FitsDigests(const Profile& profile, const std::vector<Digest>& wanted,
                 std::span<const Digest> there, MatchedBy by, Governing& out) {
  for (const Digest& digest : wanted) {
    if (std::ranges::find(there, digest) == there.end()) continue;
    out = {&profile, by, digest.text(), {}};
    return true;
  }
  return false;
}

// What has no identity is a directory, and only its path can be listed.
bool FitsBundle(const Profile& profile, const ImageEvidence& image, Governing& out) {
  const auto& paths = profile.match.rootfs;
  const auto found = std::ranges::find_if(
      paths, [&](std::string_view pattern) { return PathGlobMatch(pattern, image.rootfs); });
  if (found == paths.end()) return false;
  out = {&profile, MatchedBy::kRootfs, *found, {}};
  return true;
}

// `unsigned_names` are those that profiles in audit mode may look at.
bool Fits(const Profile& profile, const ImageEvidence& image, Names names, Names unsigned_names,
          Governing& out) {
  const Match& match = profile.match;
  if (match.Everything()) {
    out = {&profile, MatchedBy::kEverything, {}, {}};
    return true;
  }
  if (!image.chain) return FitsBundle(profile, image, out);
  // The chain and the name first: a base asks less of an image.
  return FitsDigests(profile, match.chains, {&*image.chain, 1}, MatchedBy::kChain, out) ||
         FitsNames(profile, names, MatchedBy::kSignedName, out) ||
         FitsDigests(profile, match.base_chains, image.prefixes, MatchedBy::kBaseChain, out) ||
         (profile.mode == Mode::kAudit &&
          FitsNames(profile, unsigned_names, MatchedBy::kUnsignedName, out));
}

Governing First(const Policy& policy, const ImageEvidence& image, Names names,
                Names unsigned_names) {
  Governing governing;
  for (const Profile& profile : policy.profiles) {
    if (Fits(profile, image, names, unsigned_names, governing)) break;
  }
  return governing;
}

}  // namespace

Governing FindProfile(const Policy& policy, const ImageEvidence& image,
                      std::span<const std::string_view> signed_names) {
  const Governing governing = First(policy, image, signed_names, {});
  const bool starts_anyway = governing.profile == nullptr ? policy.allow_unmatched
                                                          : governing.profile->mode == Mode::kAudit;
  if (!starts_anyway || image.unsigned_name.empty() || !image.chain) return governing;
  const std::string_view unsigned_name = image.unsigned_name;
  return First(policy, image, signed_names, {&unsigned_name, 1});
}

}  // namespace runward
