#pragma once

#include <string>

#include "base/check.h"
#include "policy/container.h"
#include "policy/host_view.h"

// The checks that CheckCompliance is made of, an item of the benchmark each.
namespace runward {

struct CheckInput {
  const ContainerConfig& config;
  const HostView& host;
};
struct Checked {
  CheckStatus status = CheckStatus::kPass;
  std::string detail;
};

// compliance_process.cc
Checked CheckAppArmor(const CheckInput& input);
Checked CheckSelinux(const CheckInput& input);
Checked CheckCapabilities(const CheckInput& input);
Checked CheckPrivileged(const CheckInput& input);
Checked CheckSeccomp(const CheckInput& input);
Checked CheckNoNewPrivileges(const CheckInput& input);

// compliance_host.cc
Checked CheckSensitiveMounts(const CheckInput& input);
Checked CheckEngineSockets(const CheckInput& input);
Checked CheckPropagation(const CheckInput& input);
Checked CheckNetwork(const CheckInput& input);
Checked CheckPid(const CheckInput& input);
Checked CheckIpc(const CheckInput& input);
Checked CheckUts(const CheckInput& input);
Checked CheckUserNamespace(const CheckInput& input);
Checked CheckDevices(const CheckInput& input);

// compliance_limits.cc
Checked CheckReadOnlyRoot(const CheckInput& input);
Checked CheckMemory(const CheckInput& input);
Checked CheckCpu(const CheckInput& input);
Checked CheckPids(const CheckInput& input);
Checked CheckRlimits(const CheckInput& input);
Checked CheckCgroup(const CheckInput& input);

}  // namespace runward
