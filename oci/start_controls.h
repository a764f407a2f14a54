#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/paths.h"
#include "base/result.h"
#include "policy/controls.h"
#include "policy/decide.h"
#include "policy/policy.h"
#include "policy/run_rule.h"

namespace runward {

// The run controls of one start.
struct StartControls {
  RunRule rule;  // of the governing profile, the image's names resolved
  std::vector<RunFinding> findings;
};

// Judges the configuration by the profile that `decision` names. `rootfs` is resolved, or "" when
// it could not be.
Result<StartControls> JudgeStart(const Paths& paths, const Policy& policy, const Decision& decision,
                                 const JsonDocument& config, const std::string& bundle,
                                 const std::string& rootfs);

// The configuration's text with the rule's system calls taken out of its seccomp profile; "" when
// the rule denies none.
Result<std::string> WithDeniedSyscalls(const JsonDocument& config, const RunRule& rule);

// What WithDeniedSyscalls would close: a sentence for an audited start; "" for nothing.
std::string WouldClose(const JsonDocument& config, const RunRule& rule);

}  // namespace runward
