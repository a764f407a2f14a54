#pragma once

#include <optional>
#include <string>

#include "agent/networks.h"

namespace runward {

// The answer to a request about a container's network ("network", "refresh-network",
// "apply-network"); nullopt for
// any other, which agent/requests.h answers.
std::optional<std::string> AnswerNetworkRequest(Networks& networks, const std::string& request);

}  // namespace runward
