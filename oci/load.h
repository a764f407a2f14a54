#pragma once

#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "policy/decide.h"
#include "policy/policy.h"

namespace runward {

// Reads the policy and the keys it names; each file must be root's (Trust::kOwnerAndParents).
// A missing policy is an Error whose hint names `runwardctl policy init`.
Result<Policy> LoadPolicy(const Paths& paths);

// Envelopes of the verdict store for the chain, its candidates' configs and the base chains that
// `policy` names: DIR/sha256/<hex>.intoto.jsonl, at most 1 MiB each, root's. What is not there is
// left out.
Result<std::vector<FoundEnvelopes>> LoadVerdicts(const Paths& paths, const Policy& policy,
                                                 const ImageEvidence& image);

}  // namespace runward
