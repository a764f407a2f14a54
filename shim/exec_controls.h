#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "policy/container.h"
#include "policy/controls.h"
#include "shim/argv.h"

namespace runward {

// What an `exec` asks for, from process.json or from the call's own options.
struct ExecCall {
  ProcessConfig process;
  bool user = true;
  bool groups = true;
  bool no_new_privileges = true;
  std::string unclear;  // a --user that runtimes might read in different ways
  CallAsked call;       // AskedBy() of the call
};

// Of --user, --additional-gids, --cap and --no-new-privs. What is not given comes from the
// container's own configuration under runc; crun starts such a process without no_new_privs and in
// group 0 (tried), which is therefore what an unknown runtime is taken to do.
ExecCall ExecByOptions(const Invocation& call);

// Of the limits that an `update` gives by options; "--memory 512MB" and the like are read as runc
// does. Only what the "limits" control needs: 0 or less is no limit, anything else is one.
ResourceLimits LimitsByOptions(const Invocation& call);

// What any call asks for by its options: to leave the container's cgroups by an exec's --cgroup
// with
// "..", or by crun's --cgroup-manager=disabled, unless the administrator's runtime.json says so
// itself; files by --preserve-fds and, as runc and crun add them (sd_listen_fds(3)), by LISTEN_FDS.
CallAsked AskedBy(const Invocation& call, std::span<const std::string> administrators);

std::vector<RunFinding> JudgeExecCall(const RunRule& rule, const ExecCall& call);

}  // namespace runward
