#include "hooks/cable_step.h"

#include "hooks/network_members.h"
#include "netfilter/install.h"
#include "oci/agent_client.h"
#include "oci/network_process.h"
#include "oci/network_record.h"
#include "oci/record.h"

namespace runward {

Result<bool> HoldCables(const Paths& paths, const std::string& key, pid_t pid) {
  const Record record = TRY(ReadRecordOf(paths, key));
  const NetworkRule rule = TRY(ParseNetworkRecord(record.network));
  if (rule.capabilities != NetworkCapabilities::kVeth) return false;
  const NetNamespace space = TRY(ContainerNetwork(pid));
  const std::vector<pid_t> others = TRY(OthersInNetwork(space, pid));
  if (!others.empty()) {
    return Error{"it shares the network of process " + std::to_string(others.front()) +
                     ", whose packets cannot be told from its own at the host's end of their cable",
                 "give it a network of its own, or a profile with \"capabilities\": \"withhold\""};
  }
  TRY(WriteNetworkProcess(paths, key, pid));
  constexpr int kSeconds = 10;  // it may have others to prove
  const auto taken = TRY(RegisterNetwork(paths, key, pid, kSeconds));
  if (taken && (taken->held || record.mode == Mode::kAudit)) return true;
  return Error{taken ? "the agent that runs does not hold containers at their cables"
                     : "its packets are to be held to its rules at the host's end of its cables by "
                       "an agent, and none runs",
               taken ? "systemctl restart runward-agent" : "systemctl start runward-agent"};
}

}  // namespace runward
