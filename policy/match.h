#pragma once

#include <span>
#include <string_view>

#include "policy/decide.h"
#include "policy/policy.h"

namespace runward {

enum class MatchedBy {
  kNothing,
  kEverything,
  kSignedName,
  kUnsignedName,  // audit only
  kChain,
  kBaseChain,
  kRootfs,
};

// The profile that governs an image, and which element of its match fitted what.
struct Governing {
  const Profile* profile = nullptr;  // null: none matched
  MatchedBy by = MatchedBy::kNothing;
  std::string_view element;  // of the profile: a pattern, a digest, a path
  std::string_view name;     // the name that fitted a pattern
};

// The first profile in the policy's order that fits. `signed_names` are what trusted keys called
// the image. The unsigned name is looked at only when, without it, the image would start in any
// case (a profile in audit mode governs, or none does and allowUnmatched is set), and then only
// leads to a profile in audit mode: so it changes what is logged, and nothing else.
Governing FindProfile(const Policy& policy, const ImageEvidence& image,
                      std::span<const std::string_view> signed_names);

}  // namespace runward
