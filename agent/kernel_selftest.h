#pragma once

#include "agent/kernel_load.h"
#include "agent/kernel_maps.h"
#include "base/result.h"

namespace runward {

// The number under which the self-test registers its processes; events of it are not shown.
constexpr uint64_t kSelfTestContainer = UINT64_MAX;

// Executes and maps small programs in pid namespaces of its own: what is denied must end as the
// tier says, what is allowed must run. An Error says what did otherwise. A kernel can load and
// attach programs that then silently never run (lsm= without bpf); this sees it. Needs
// CAP_SYS_ADMIN and memfd_create; takes some milliseconds.
Result<void> KernelSelfTest(KernelTier tier, KernelMaps& maps);

}  // namespace runward
