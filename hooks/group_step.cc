#include "hooks/group_step.h"

#include <ctime>
#include <filesystem>
#include <optional>
#include <system_error>

#include "netfilter/network_scope.h"
#include "oci/agent_client.h"
#include "oci/network_process.h"
#include "oci/network_record.h"
#include "oci/record.h"

namespace runward {
namespace {

// Whoever is below the group would be held, too.
Result<void> CheckNothingBelow(const CgroupScope& scope) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(TRY(GroupDirectory(scope)), error);
  if (error) return ErrnoError("read \"" + scope.path + "\"", error.value());
  for (const auto& entry : entries) {
    if (!entry.is_directory(error)) continue;
    return Error{"another control group, \"" + entry.path().filename().string() +
                     "\", lies below its own, \"" + scope.path + "\"",
                 "give it a control group of its own"};
  }
  return {};
}

// The agent proves that the rules hold, which takes milliseconds; seconds, where it fails.
Result<std::optional<AgentDns>> Ask(const Paths& paths, const std::string& key, pid_t pid) {
  constexpr int kPatience = 400;  // times
  constexpr int kSeconds = 10;    // for each
  constexpr timespec kShort{.tv_sec = 0, .tv_nsec = 2'000'000};
  constexpr timespec kLong{.tv_sec = 0, .tv_nsec = 20'000'000};
  for (int times = 0; times < kPatience; ++times) {
    auto taken = TRY(RegisterNetwork(paths, key, pid, kSeconds));
    if (!taken || !taken->proving) return taken;
    nanosleep(times < 10 ? &kShort : &kLong, nullptr);
  }
  return Error{"the agent has not found out whether its network rules hold", "try again"};
}

}  // namespace

Result<void> HoldByGroup(const Paths& paths, const std::string& key, pid_t pid) {
  const Record record = TRY(ReadRecordOf(paths, key));
  const NetworkRule rule = TRY(ParseNetworkRecord(record.network));
  if (!rule.given || rule.host_network != HostNetwork::kCgroup) {
    return Error{"it shares the host's network, where no rules are installed",
                 "give it a network of its own, or its profile \"hostNetwork\": \"cgroup\""};
  }
  const CgroupScope scope = TRY(ControlGroupOf(pid));
  TRY(CheckNothingBelow(scope));
  TRY(WriteNetworkScope(ScopeFile(paths, key), scope));
  TRY(WriteNetworkProcess(paths, key, pid));  // for an agent that is started later, in audit mode
  const auto taken = TRY(Ask(paths, key, pid));
  if (taken && taken->held) return {};
  return Error{taken ? "the agent that runs does not hold containers on the host's network"
                     : "it shares the host's network, where an agent has to hold it to its network "
                       "rules, and none runs",
               taken ? "systemctl restart runward-agent" : "systemctl start runward-agent"};
}

}  // namespace runward
