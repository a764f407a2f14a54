#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/json.h"
#include "base/paths.h"
#include "base/result.h"
#include "policy/controls.h"
#include "policy/host_view.h"
#include "policy/policy.h"
#include "policy/run_rule.h"
#include "policy/seccomp_notify.h"

namespace runward {

// The run controls of one start.
struct StartControls {
  RunRule rule;  // of the profile, the image's names resolved, as execs are held to it
  std::vector<RunFinding> findings;
  std::vector<CheckResult> checks;  // policy/compliance.h
  HostView host;                    // what they were judged by
};

// The controls of the policy's profile of that name; those of none when there is no such profile.
RunRule RuleOf(const Policy& policy, std::string_view profile);

// A start as far as its controls look at it.
struct Starting {
  const JsonDocument& config;
  const std::string& bundle;  // absolute
  const std::string& rootfs;  // resolved, or "" when it could not be
};
Result<StartControls> JudgeStart(const Paths& paths, RunRule rule, const Starting& start);

// The configuration's text with these system calls (sorted, each once) taken out of its seccomp
// profile; "" when there are none.
Result<std::string> WithDeniedSyscalls(const JsonDocument& config,
                                       const std::vector<std::string>& denied);

// The configuration's text whose seccomp profile asks `listener` about what is executed
// (policy/seccomp_notify.h); and the one before, "" where it asks nobody at that path.
Result<std::string> WithListener(const JsonDocument& config, const SeccompListener& listener);
std::string WithoutListener(const JsonDocument& config, std::string_view path);

// What WithDeniedSyscalls would close: a sentence for an audited start; "" for nothing.
std::string WouldClose(const JsonDocument& config, const std::vector<std::string>& denied);

}  // namespace runward
