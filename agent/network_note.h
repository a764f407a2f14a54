#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "agent/denied_account.h"
#include "base/result.h"
#include "oci/agent_client.h"

namespace runward {

// What the agent keeps about a container whose network it watches (RUN/network/<key>, root's
// alone), for the agent that comes after it: the ports that its rules know stay the same.
struct NetworkNote {
  pid_t pid = 0;
  uint64_t start = 0;  // of the process
  AgentDns dns;
  DeniedTotals told;  // by events
};

std::string FormatNetworkNote(const NetworkNote& note);
// Fails for what FormatNetworkNote would not have written.
Result<NetworkNote> ReadNetworkNote(const std::string& path);

}  // namespace runward
