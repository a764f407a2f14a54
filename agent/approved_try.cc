#include "agent/approved_try.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "agent/process_view.h"
#include "agent/watch_volumes.h"

namespace runward {

void ApproveTry(const KernelCommands& kernel, const std::vector<Watched*>& containers,
                const OpenTry& what) {
  const auto needs = [](const Watched* one) { return one->needs_agent; };
  if (!what.execute || std::ranges::none_of(containers, needs)) return;
  constexpr unsigned kAsked = STATX_INO | STATX_MNT_ID;
  struct statx info {};
  const auto status = StatusOf(what.task);  // a thread that executes becomes its process
  if (!status || statx(what.file, "", AT_EMPTY_PATH, kAsked, &info) != 0) return;
  const uint64_t st_dev = makedev(info.stx_dev_major, info.stx_dev_minor);
  for (const Watched* one : containers) {
    if (!one->needs_agent) continue;
    const FileKey file{.device = DeviceAsked(*one, st_dev, info.stx_mnt_id), .inode = info.stx_ino};
    kernel.Approve(status->process, file, status->uid);
  }
}

}  // namespace runward
