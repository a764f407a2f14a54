#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scan/evaluate.h"
#include "tools/evaluation.h"
#include "tools/verdict_statement.h"

namespace runward {

// What is signed of an evaluation: its result and reasons for the image's every digest, the policy
// and profile that decided, and the hashes of what it rests on.
struct VerdictTerms {
  std::string verifier;
  std::optional<Time> expires_at;
  std::vector<VerdictInput> inputs;  // VEX documents and ignore files; the report is added
  ScanClaims claims;
};
NewVerdict VerdictOf(const Evaluated& evaluated, const VerdictTerms& terms);

}  // namespace runward
