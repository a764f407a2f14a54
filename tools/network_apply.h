#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/agent_client.h"
#include "oci/record.h"
#include "policy/policy.h"
#include "tools/container_runtime.h"

namespace runward {

// What the policy, as it is now, changes in a running container's network.
struct NetworkApplication {
  enum class What { kUnchanged, kChanged, kNotChanged, kFailed };
  Record record;
  std::string key;  // of the record: RecordKey
  pid_t pid = 0;    // its first process
  What what = What::kUnchanged;
  std::string network;               // as the record is to have it
  std::vector<std::string> changes;  // tools/network_change.h
  std::string why;                   // of kNotChanged and kFailed; else what it comes to only when
                                     // it is started anew, or ""
  std::string hint;
  DeniedByChange denied;
};

// What there is to be changed, in each container that runs and whose id begins with `id`: the
// profile that governs it must be the one that it was started by. Changes nothing.
Result<std::vector<NetworkApplication>> PlanNetworkChanges(const Paths& paths, const Policy& policy,
                                                           const ContainerRuntime& runtime,
                                                           const std::string& id);

// Makes one of them (kChanged): by the agent when one runs, so that it knows of it, else here. What
// cannot be done is in it afterwards, and then the container has the rules that it had.
void ApplyNetworkChange(const Paths& paths, NetworkApplication& one);

}  // namespace runward
