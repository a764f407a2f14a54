#pragma once

#include <sys/types.h>

#include <span>

#include "base/result.h"
#include "netfilter/batch.h"
#include "netfilter/features.h"
#include "netfilter/net_namespace.h"
#include "netfilter/plan.h"

namespace runward {

// The network namespace of the process, which is neither the host's nor this process' own: rules
// there would be the host's. An Error when it is, or when it cannot be told: what is not known to
// be a container's is treated as the host's.
Result<NetNamespace> ContainerNetwork(pid_t pid);

// Installs the plan in that network namespace, in one transaction, and looks whether the kernel has
// all of it. What is there under the same table's name is replaced in the same moment.
Result<void> InstallPlan(const NetNamespace& space, const NetfilterPlan& plan);

// The same by a socket of OpenNetfilter().
Result<void> InstallPlanBy(nl_sock* socket, const NetfilterPlan& plan);

// The error, with what the kernel lacks of the features, if anything.
Error NameMissing(Error error, nl_sock* socket, std::span<const NetworkFeature> features);

}  // namespace runward
