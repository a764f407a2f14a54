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

// LoadPolicy for a start: of a large policy, what an earlier one found out is taken from
// RUN/policy.cache as long as the file is the same (device, inode, size, times) and so is this
// program; profiles then do not know their positions. The file is root's, like the records beside
// it; where it is missing, damaged or another's, the policy is read as ever.
Result<Policy> LoadPolicyAgain(const Paths& paths);

// Envelopes of the verdict store for the chain, its candidates' configs and the base chains that
// `policy` names: DIR/sha256/<hex>.intoto.jsonl, at most 1 MiB each, root's. What is not there is
// left out.
Result<std::vector<FoundEnvelopes>> LoadVerdicts(const Paths& paths, const Policy& policy,
                                                 const ImageEvidence& image);

}  // namespace runward
