#include "shim/governing.h"

#include "base/file.h"
#include "oci/command_config.h"
#include "oci/start_controls.h"

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

Result<Judged> JudgeAsUser(const Request& request, const ImageEvidence& image, Start start,
                           Decision decision) {
  if (!request.above || FileMissing(request.paths.policy)) return Judged{std::move(decision), {}};
  const Policy policy = TRY(LoadPolicy(request.paths));
  const std::vector<FoundEnvelopes> found = TRY(LoadVerdicts(request.paths, policy, image));
  Decision own = Decide(policy, image, found, start, request.event.time);
  if (decision.outcome == Outcome::kDeny) return Judged{std::move(decision), {}};
  if (own.outcome == Outcome::kDeny) return Judged{std::move(own), {}};
  if (own.outcome == Outcome::kWouldDeny) {
    decision.warnings.push_back("your own policy would refuse it: " + own.reason);
  }
  UsersRule user{.profile = own.profile,
                 .mode = own.mode,
                 .run = RuleOf(policy, own.profile),
                 .commands = !CommandRuleOf(policy, own.profile).empty()};
  return Judged{std::move(decision), std::move(user)};
}

Decision WithUsersFindings(Decision decision, const UsersRule& user,
                           const std::vector<RunFinding>& findings) {
  if (findings.empty() || decision.outcome == Outcome::kDeny) return decision;
  Decision own = decision;
  own.outcome = Outcome::kAllow;
  own.profile = user.profile;
  own.mode = user.mode;
  own = WithFindings(std::move(own), findings);
  if (own.outcome == Outcome::kDeny) return own;
  decision.warnings.push_back("your own policy would refuse it: " + own.reason);
  return decision;
}

}  // namespace runward
