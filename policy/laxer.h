#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace runward {

// A profile that cannot do what it says, because an earlier one takes the same images: it is laxer
// than that one for some of them, or would never govern at all.
struct ShadowedProfile {
  size_t later = 0;
  size_t earlier = 0;
  std::string what;  // the pattern, digest or path of `later` that `earlier` takes
  bool laxer = false;
};

// At most one for each profile, in the order of `later`. What an image is called by patterns that
// merely overlap is not found: there the order decides, as it says. n log n for n patterns of the
// usual kind (a literal beginning, then '*').
std::vector<ShadowedProfile> FindShadowed(const std::vector<Profile>& profiles);

// In which ways `later` is laxer than `earlier`: "mode audit instead of enforce, ..."; "" when it
// is not.
std::string LaxerWays(const Profile& earlier, const Profile& later);

// One sentence that names both.
std::string DescribeShadowed(const std::vector<Profile>& profiles, const ShadowedProfile& shadowed);

}  // namespace runward
