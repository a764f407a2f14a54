#include "shim/governing.h"

#include "base/file.h"

namespace runward {

const Paths& GoverningPaths(const Request& request) {
  return request.above ? *request.above : request.paths;
}

Result<Policy> LoadGoverning(const Request& request) {
  Policy policy = TRY(LoadPolicyAgain(GoverningPaths(request)));
  if (!request.above || policy.rootless_allowed) return policy;
  return Error{"the administrator's policy \"" + request.above->policy +
                   "\" does not permit users' own engines",
               "as root, set \"rootless\": \"allow\" there"};
}

Result<Decision> JudgeAsUser(const Request& request, const ImageEvidence& image, Start start,
                             Decision decision) {
  if (!request.above || FileMissing(request.paths.policy)) return decision;
  const Policy policy = TRY(LoadPolicy(request.paths));
  const std::vector<FoundEnvelopes> found = TRY(LoadVerdicts(request.paths, policy, image));
  Decision own = Decide(policy, image, found, start, request.event.time);
  if (decision.outcome == Outcome::kDeny) return decision;
  if (own.outcome == Outcome::kDeny) return own;
  if (own.outcome == Outcome::kWouldDeny) {
    decision.warnings.push_back("your own policy would refuse it: " + own.reason);
  }
  return decision;
}

}  // namespace runward
