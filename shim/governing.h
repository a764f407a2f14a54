#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/load.h"
#include "policy/controls.h"
#include "policy/decide.h"
#include "policy/run_rule.h"
#include "shim/request.h"

namespace runward {

// Where the policy that governs a call is, and the verdicts it goes by: the administrator's, also
// when a rootless engine calls.
const Paths& GoverningPaths(const Request& request);

// That policy. For a rootless engine an Error unless it permits them.
Result<Policy> LoadGoverning(const Request& request);

// What a rootless engine's user says by a policy of his own.
struct UsersRule {
  std::string profile;
  Mode mode = Mode::kEnforce;
  RunRule run;
  bool commands = false;  // it has command rules, which are not held
};
struct Judged {
  Decision decision;
  std::optional<UsersRule> user;  // absent without such a policy, and where `decision` refuses
};

// For a rootless engine, whose user has a policy of his own: `decision`, or the user's when that
// one refuses. So his policy can refuse more and permit nothing; what it would refuse in audit mode
// becomes a warning. Anything wrong with it is an Error.
Result<Judged> JudgeAsUser(const Request& request, const ImageEvidence& image, Start start,
                           Decision decision);

// The same of what his profile's controls found.
Decision WithUsersFindings(Decision decision, const UsersRule& user,
                           const std::vector<RunFinding>& findings);

}  // namespace runward
