#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/container.h"
#include "policy/decide.h"
#include "policy/host_view.h"
#include "policy/run_rule.h"

namespace runward {

// Something that a configuration asks for and its profile does not allow.
struct RunFinding {
  std::string control;  // "users": the key in the profile's "run"; the rule is "run.users"
  std::string asked;
  std::string allowed;
};

// Whether crun takes the annotation for another filter than config.json's, or for somebody else to
// hand its listener to.
bool TouchesSeccomp(std::string_view annotation);

// All findings about a container that is to be made; pure. `rule` has the image's names resolved
// (oci/accounts.h). runward's own directories are protected by every rule, the empty one included.
std::vector<RunFinding> JudgeContainer(const RunRule& rule, const ContainerConfig& config,
                                       const HostView& host);

// The rule that the container's execs are held to: where privileged containers are not allowed and
// this one's kernel files lie open, without SYS_ADMIN, as for the container itself.
RunRule RuleForExecs(RunRule rule, const ContainerConfig& config);

// About a process that is to be executed in a container. What it leaves absent it takes from the
// container, which was judged when it was made.
struct ExecAsked {
  const ProcessConfig* process = nullptr;
  bool user = true;               // whether it names a user at all
  bool groups = true;             // whether it names groups
  bool no_new_privileges = true;  // whether it says anything about them
};
std::vector<RunFinding> JudgeExec(const RunRule& rule, const ExecAsked& asked);

// What any call's options ask for, beside its files.
struct CallAsked {
  std::string cgroup;     // how it would leave the container's cgroups, by which limits and devices
                          // are held; "": it would not
  bool no_pivot = false;  // a root by chroot, out of which there are ways
  int fds = 0;            // open files of the caller's, beside the standard ones
};
std::vector<RunFinding> JudgeCall(const RunRule& rule, const CallAsked& asked);

// About new limits of a running container (`update`).
std::vector<RunFinding> JudgeUpdate(const RunRule& rule, const ResourceLimits& limits,
                                    const HostView& host);

// The decision with the findings: an allowed container is denied (audit: would be), by the first
// one's rule, with all of them in the reason as far as they fit, and each in a warning.
Decision WithFindings(Decision decision, const std::vector<RunFinding>& findings);

}  // namespace runward
