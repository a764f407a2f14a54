#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "policy/names.h"
#include "policy/policy.h"
#include "policy/verdict.h"

namespace runward {

// How far a signer's clock may be ahead of this node's.
inline constexpr int64_t kClockSkewNs = int64_t{5} * 60 * 1'000'000'000;

// An envelope, and the digest under which the store held it.
struct FiledEnvelope {
  const CheckedEnvelope* envelope = nullptr;
  const Digest* digest = nullptr;
};

// Whether the envelope is acceptable and about the digest it was filed under.
bool Speaks(const FiledEnvelope& filed);

// The outcome of weighing the verdicts of one image.
struct Weighed {
  bool allowed = false;
  std::string rule;
  std::string clause;   // continues "image X ...": "has no verdict", "failed on ..."
  std::string warning;  // allowed, but worth saying; continues "image X ..." too
  const CheckedEnvelope* decided = nullptr;  // null when no verdict did
};

// The newest of the verdicts decides, FAILED before PASSED when they are of one moment. What denies
// (FAILED, a revocation) counts whoever of the trusted keys signed it and whatever the clock says;
// what permits must not lie in the future and, where `names` are given (the patterns of a profile
// that was chosen by name), be signed for one of them. `profile` is for the words.
Weighed Weigh(const VerdictRule& rule, std::string_view profile,
              std::span<const FiledEnvelope> filed, std::span<const std::string_view> names,
              Time now);

}  // namespace runward
