#include "netfilter/install.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "netfilter/encode.h"
#include "netfilter/read_rules.h"

namespace runward {
namespace {

bool Jumps(const PlanPart& part) {
  const auto* verdict = std::get_if<PlanVerdict>(&part);
  return verdict != nullptr && verdict->what == PlanVerdict::What::kJump;
}

// As CountInstalled counts.
size_t CountPlanned(const NetfilterPlan& plan) {
  size_t count = 0;
  for (const PlanChain& chain : plan.chains) {
    count += chain.rules.size();
    for (const PlanRule& rule : chain.rules) {
      count += static_cast<size_t>(std::ranges::count_if(rule, Jumps));
    }
  }
  return count;
}

// A container that starts has no table yet. To delete one all the same costs milliseconds: the
// socket, when it is closed, waits for what the kernel releases then.
Result<void> Put(nl_sock* socket, const NetfilterPlan& plan) {
  Batch fresh;
  EncodePlan(plan, fresh, /*fresh=*/true);
  Result<void> done = fresh.Commit(socket);
  if (done.ok() || fresh.refused() != EEXIST) return done;
  Batch replacing;
  EncodePlan(plan, replacing);
  return replacing.Commit(socket);
}

}  // namespace

Result<NetNamespace> ContainerNetwork(pid_t pid) {
  NetNamespace space = TRY(NetNamespaceOf(pid));
  if (!TRY(IsHostsNetwork(space))) return space;
  return Error{"the network namespace of process " + std::to_string(pid) +
                   " is the host's, where no rules are installed",
               "give the container a network of its own, or a profile with \"network\": "
               "{\"hostNetwork\": \"allow\"}"};
}

Result<void> InstallPlanBy(nl_sock* socket, const NetfilterPlan& plan) {
  if (const auto done = Put(socket, plan); !done.ok()) {
    return NameMissing(done.error(), socket, NetworkFeatures());
  }
  const size_t found = TRY(CountInstalled(socket, plan.table));
  const size_t wanted = CountPlanned(plan);
  if (found == wanted) return {};
  return Error{"the kernel has " + std::to_string(found) + " rules and jumps of " +
                   std::to_string(wanted) + " in table \"" + plan.table + "\"",
               "see whether another program changes the container's rules"};
}

Error NameMissing(Error error, nl_sock* socket, std::span<const NetworkFeature> features) {
  const std::vector<std::string> missing = MissingFeatures(socket, features);
  for (size_t i = 0; i < missing.size(); ++i) {
    error.message += (i == 0 ? "; the kernel lacks: " : ", ") + missing[i];
  }
  return error;
}

Result<void> InstallPlan(const NetNamespace& space, const NetfilterPlan& plan) {
  NetfilterSocket socket;
  {
    const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
    socket = TRY(OpenNetfilter());
  }
  return InstallPlanBy(socket.get(), plan);
}

}  // namespace runward
