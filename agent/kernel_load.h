#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace runward {

// How a denied exec ends. kLsm: LSM hooks; EPERM. kFmodRet: the same hooks, for kernels whose lsm=
// list lacks bpf; EPERM. kKill: SIGKILL before the first instruction, and nothing about what a
// running program maps. The first two have the kill behind them.
enum class KernelTier { kLsm, kFmodRet, kKill };

// "lsm", "fmod_ret", "kill".
std::string KernelTierName(KernelTier tier);

// Names of the links that make up a tier.
std::vector<std::string> KernelLinks(KernelTier tier);

// Loads the tier's programs with maps of their own, registers what the version in the folder
// `older` holds (none: ""), attaches and pins all in the folder `dir`, which it makes. From then on
// the kernel decides, with or without this process. On an error `dir` is gone again.
Result<void> LoadKernelTier(KernelTier tier, const std::string& dir, const std::string& older);

}  // namespace runward
