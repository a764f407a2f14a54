#pragma once

#include <bpf/libbpf.h>

#include <cstddef>
#include <span>
#include <string>

#include "agent/bpf/host_shared.h"
#include "agent/denied_account.h"
#include "base/fd.h"
#include "base/result.h"
#include "netfilter/cgroup_plan.h"

namespace runward {

// What the programs that hold one container's network rules look packets up in and report by
// (agent/bpf/host_shared.h), wherever they are attached. The maps outlive the agent in a folder of
// a BPF filesystem.

using BpfObject = CHandle<bpf_object, bpf_object__close>;

// The programs of an ELF file, not loaded yet, with room for the plan. KeepBpfWarnings() first.
Result<BpfObject> OpenPrograms(std::span<const std::byte> file, const CgroupPlan& plan);
// After they are loaded. Nothing passes until SetState, but in audit mode, where nothing is denied
// from the start.
Result<void> FillRules(bpf_object* programs, const CgroupPlan& plan, bool audit);

class RuleMaps {
 public:
  // Pins a loaded object's maps into the folder, which is there.
  static Result<void> Pin(bpf_object* programs, const std::string& dir);
  static Result<RuleMaps> Open(const std::string& dir);
  // Whether all of them are in the folder.
  static bool AreIn(const std::string& dir);

  [[nodiscard]] Result<rw_host_settings> Settings() const;
  Result<void> SetState(rw_host_state state) const;
  // The packets of UDP that a process which is held and another send each other over the loopback
  // pass, and nothing else. Ports in the network's order.
  Result<void> LetProofPass(uint16_t own_port, uint16_t peer_port) const;
  [[nodiscard]] DeniedTotals Denied() const;
  void ForgetDenied() const;
  [[nodiscard]] int events() const { return events_.get(); }
  [[nodiscard]] int flows() const { return flows_.get(); }
  [[nodiscard]] int peers() const { return peers_.get(); }
  [[nodiscard]] int services() const { return services_.get(); }

 private:
  Result<void> Write(const rw_host_settings& settings) const;

  UniqueFd settings_;
  UniqueFd denied_;
  UniqueFd events_;
  UniqueFd flows_;
  UniqueFd peers_;
  UniqueFd services_;
};

Result<UniqueFd> OpenPinned(const std::string& dir, const char* name);

}  // namespace runward
