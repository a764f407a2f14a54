#pragma once

#include <sys/types.h>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// A container's secrets lie together on a filesystem in memory that no larger thing fits into:
// twice that, as a replacement is written beside what it replaces.
inline constexpr size_t kMostSecretBytes = size_t{1} << 20;

// A new tmpfs that is mounted nowhere yet: nosuid, nodev, noexec, of a limited size, and not
// swapped where the kernel can (noswap, Linux 6.3). Through the descriptor it can be filled.
// Before Linux 6.3 its pages may be swapped out: docs/vault.md.
Result<UniqueFd> NewSecretTmpfs();

// Makes it read-only, and such that the kernel attaches it to no mount that is shared with others.
Result<void> CloseTmpfs(const UniqueFd& tmpfs);

enum class Attached { kDone, kRefused };

// Mounts a closed one on the directory `target` (O_PATH) of the mount namespace of process `pid`;
// kRefused, and nothing done, where others would see it. Enters that namespace for the time of the
// call; a process that cannot come back ends at once. Nothing may share the caller's view of the
// filesystem (threads).
Result<Attached> AttachTmpfs(const UniqueFd& tmpfs, int target, pid_t pid);

// Takes it away again: for what failed after it.
void Detach(const UniqueFd& tmpfs, pid_t pid);

// A second, writable mount of what is mounted at the directory `place` of that namespace, mounted
// nowhere. An Error unless that is a tmpfs of device number `device`.
Result<UniqueFd> WritableView(int place, pid_t pid, dev_t device);

}  // namespace runward
