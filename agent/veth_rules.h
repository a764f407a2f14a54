#pragma once

#include <optional>
#include <string>

#include "agent/rule_maps.h"
#include "agent/rule_set.h"
#include "base/fd.h"
#include "base/result.h"
#include "netfilter/cables.h"
#include "netfilter/net_namespace.h"

namespace runward {

// A set of rules (agent/rule_set.h) whose programs hold a container at the host's end of its cables
// (agent/bpf/veth.bpf.c). What is attached stays as long as the cable, whether an agent lives or
// not.
class VethRules {
 public:
  // Makes the set's folder in `dir`.
  static Result<VethRules> Make(const std::string& dir, const WantedRules& wanted,
                                rw_host_state state, const RuleMaps* before);
  // nullopt for a folder that has not all of a set, or one that was not proved.
  static Result<std::optional<VethRules>> Open(const std::string& folder);

  // Both directions, or an Error.
  Result<void> Attach(const Cable& cable) const;
  // Both directions, where it is these that are attached.
  void Detach(const Cable& cable) const;
  [[nodiscard]] Result<bool> IsAttached(const Cable& cable) const;
  [[nodiscard]] const RuleMaps& maps() const { return maps_; }

 private:
  static Result<VethRules> OpenAll(const std::string& folder);
  RuleMaps maps_;
  UniqueFd out_;  // for what the container sends
  UniqueFd in_;
};

// Proves, while nothing may pass, that the programs see what the container sends by the cable and
// what it is sent: a frame of no protocol each way must be counted as denied. `space` is the
// container's network. A cable that is down lets nothing pass, and proves nothing.
Result<void> ProveCable(const NetNamespace& space, const Cable& cable, const RuleMaps& maps);

}  // namespace runward
