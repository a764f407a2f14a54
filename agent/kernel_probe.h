#pragma once

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// What the probe exits with.
constexpr int kProbeStatus = 42;

// A program of some hundred bytes without a library, in memory: all it does is to exit with
// kProbeStatus. x86-64 and arm64. Fails where vm.memfd_noexec forbids it.
Result<UniqueFd> MakeProbe();

}  // namespace runward
