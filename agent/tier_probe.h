#pragma once

#include "base/result.h"

namespace runward {

// Each has the kernel ask about a child of ours that executes something, denies it, and has to see
// it fail with EPERM. The Error says what happened instead.

// fanotify(7) with permission events, as agent/fanotify_group.h uses it. While it asks about our
// own program, others who execute that are let through.
Result<void> ProveFanotify();

// That agent/exec_stage.h tells a program from its interpreter, of tiny ones in memory. The child
// is denied both.
Result<void> ProveStages();

// seccomp notification; also that a call goes on when it is let, and that a listener is told when
// its last process has ended (Linux 5.9).
Result<void> ProveNotification();

}  // namespace runward
