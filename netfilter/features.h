#pragma once

#include <netlink/netlink.h>

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "netfilter/plan.h"

namespace runward {

// Something that network rules need of the kernel, which may be built without it.
struct NetworkFeature {
  std::string name;    // "connection tracking (CONFIG_NFT_CT)"
  NetfilterPlan plan;  // the least that needs it
};
const std::vector<NetworkFeature>& NetworkFeatures();

// Those that the kernel lacks, of the network namespace of the socket: each is asked for in a
// transaction that is given up, so that nothing is installed.
std::vector<std::string> MissingFeatures(nl_sock* socket, std::span<const NetworkFeature> features);

// All that is missing in a network namespace made for the question, with what the agent reads
// events by. An Error when that cannot be made, or nothing be asked there.
Result<std::vector<std::string>> MissingNetworkFeatures();

}  // namespace runward
