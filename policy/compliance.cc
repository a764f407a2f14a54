#include "policy/compliance.h"

#include <array>
#include <string_view>

#include "policy/compliance_parts.h"

namespace runward {
namespace {

struct Check {
  std::string_view id;
  Checked (*run)(const CheckInput&);
};

constexpr std::array kChecks = {
    Check{"5.2", CheckAppArmor},
    Check{"5.3", CheckSelinux},
    Check{"5.4", CheckCapabilities},
    Check{"5.5", CheckPrivileged},
    Check{"5.6", CheckSensitiveMounts},
    Check{"5.10", CheckNetwork},
    Check{"5.11", CheckMemory},
    Check{"5.12", CheckCpu},
    Check{"5.13", CheckReadOnlyRoot},
    Check{"5.16", CheckPid},
    Check{"5.17", CheckIpc},
    Check{"5.18", CheckDevices},
    Check{"5.19", CheckRlimits},
    Check{"5.20", CheckPropagation},
    Check{"5.21", CheckUts},
    Check{"5.22", CheckSeccomp},
    Check{"5.25", CheckCgroup},
    Check{"5.26", CheckNoNewPrivileges},
    Check{"5.29", CheckPids},
    Check{"5.31", CheckUserNamespace},
    Check{"5.32", CheckEngineSockets},
};

}  // namespace

std::vector<CheckResult> CheckCompliance(const ContainerConfig& config, const HostView& host) {
  const CheckInput input{.config = config, .host = host};
  std::vector<CheckResult> results;
  results.reserve(kChecks.size());
  for (const Check& check : kChecks) {
    Checked checked = check.run(input);
    results.push_back({std::string(check.id), checked.status, std::move(checked.detail)});
  }
  return results;
}

}  // namespace runward
