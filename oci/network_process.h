#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// In whose network namespace a container's network rules are: what runward-hook leaves beside the
// record, and what goes with it, for an agent that is started later.
struct NetworkProcess {
  pid_t pid = 0;
  uint64_t start = 0;  // of the process, as StartTimeOf has it
  // In a network that is not the host's, when it was written. False where that is not known.
  bool own_network = false;
};

inline constexpr std::string_view kNetworkProcess = "network.json";

Result<void> WriteNetworkProcess(const Paths& paths, const std::string& key, pid_t pid);
// Fails when there is none, and for what WriteNetworkProcess would not have written.
Result<NetworkProcess> ReadNetworkProcess(const Paths& paths, const std::string& key);

}  // namespace runward
