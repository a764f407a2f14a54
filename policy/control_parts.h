#pragma once

#include <vector>

#include "policy/controls.h"

// The controls that controls.h is made of. Each adds what it finds to `findings`.
namespace runward {

// control_process.cc
void JudgeAccounts(const RunRule& rule, const ProcessConfig& process, bool user, bool groups,
                   std::vector<RunFinding>& findings);
void JudgeCapabilities(const RunRule& rule, const CapabilitySets& sets,
                       std::vector<RunFinding>& findings);
// "privileged", as far as capabilities alone show it.
void JudgeAllCapabilities(const RunRule& rule, const CapabilitySets& sets,
                          std::vector<RunFinding>& findings);
void JudgeNewPrivileges(const RunRule& rule, const ProcessConfig& process,
                        std::vector<RunFinding>& findings);
void JudgePrivileged(const RunRule& rule, const ContainerConfig& config,
                     std::vector<RunFinding>& findings);
// Of an update: only what it mentions.
void JudgeLimits(const RunRule& rule, const ResourceLimits& limits, bool update,
                 std::vector<RunFinding>& findings);

// control_devices.cc. Whether the rule opens a device beyond those that every container has.
bool OpensDevices(const DeviceRule& rule);
// The rule with a sign for what it leaves open: "c *:*".
std::string Shown(const DeviceRule& rule);
// `fresh`: the rules are a new container's, so that they have to begin by
// denying all; those of an update stand on what was there.
bool AllowsAllDevices(const std::vector<DeviceRule>& rules, bool fresh);
void JudgeDevices(const RunRule& rule, const std::vector<DeviceNode>& nodes,
                  const std::vector<DeviceRule>& rules, const HostView& host,
                  std::vector<RunFinding>& findings);
void JudgeDeviceRules(const RunRule& rule, const std::vector<DeviceNode>& nodes,
                      const std::vector<DeviceRule>& rules, bool fresh, const HostView& host,
                      std::vector<RunFinding>& findings);
// Device numbers whose host names the device control needs: "c 10:229".
std::vector<std::string> DeviceNumbersOf(const RunRule& rule, const std::vector<DeviceNode>& nodes,
                                         const std::vector<DeviceRule>& rules);

// control_mounts.cc
void JudgeMounts(const RunRule& rule, const ContainerConfig& config, const HostView& host,
                 std::vector<RunFinding>& findings);

}  // namespace runward
