#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/verdict.h"

namespace runward {

// An envelope as a person looks at it: what it says even when no key is trusted for it.
struct VerdictView {
  CheckedEnvelope checked;         // with the policy's keys
  std::optional<Verdict> claimed;  // what its payload says, signed by a trusted key or not
  std::string payload;             // "" when the envelope cannot be read
  std::string unreadable;          // why there is no `claimed`
};

VerdictView ViewOf(std::string_view envelope, const std::vector<TrustedKey>& trust);

// "PASSED", or "PASSED, expired", ...
std::string StateOf(const Verdict& verdict, Time now);
// "key \"ci\"", or "NOT TRUSTED: why".
std::string SignerOf(const VerdictView& view);
// Several lines for one envelope.
std::string Describe(const VerdictView& view, Time now);

}  // namespace runward
