#include "netfilter/install.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "netfilter/encode.h"
#include "netfilter/read_rules.h"

namespace runward {
namespace {

Result<struct stat> LookAt(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return ErrnoError("look at \"" + path + "\"", errno);
  return info;
}

size_t CountRules(const NetfilterPlan& plan) {
  size_t count = 0;
  for (const PlanChain& chain : plan.chains) count += chain.rules.size();
  return count;
}

}  // namespace

Result<NetNamespace> ContainerNetwork(pid_t pid) {
  const struct stat host = TRY(LookAt("/proc/1/ns/net"));
  NetNamespace space = TRY(NetNamespaceOf(pid));
  struct stat target {};
  if (fstat(space.fd.get(), &target) != 0) return ErrnoError("look at a network namespace", errno);
  const bool is_hosts = target.st_ino == host.st_ino && target.st_dev == host.st_dev;
  if (!space.is_ours && !is_hosts) return space;
  return Error{"the network namespace of process " + std::to_string(pid) +
                   " is the host's, where no rules are installed",
               "give the container a network of its own, or a profile with \"network\": "
               "{\"hostNetwork\": \"allow\"}"};
}

Result<void> InstallPlanBy(nl_sock* socket, const NetfilterPlan& plan) {
  Batch batch;
  EncodePlan(plan, batch);
  TRY(batch.Commit(socket));
  const size_t found = TRY(CountInstalledRules(socket, plan.table));
  const size_t wanted = CountRules(plan);
  if (found == wanted) return {};
  return Error{"the kernel has " + std::to_string(found) + " rules of " + std::to_string(wanted) +
                   " in table \"" + plan.table + "\"",
               "see whether another program changes the container's rules"};
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
