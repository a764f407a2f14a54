#include "agent/approved_try.h"

#include <sys/stat.h>

#include <algorithm>

#include "agent/process_view.h"

namespace runward {

void ApproveTry(const KernelCommands& kernel, const std::vector<Watched*>& containers,
                const OpenTry& what) {
  const auto needs = [](const Watched* one) { return one->needs_agent; };
  if (!what.execute || std::ranges::none_of(containers, needs)) return;
  struct stat info {};
  const auto status = StatusOf(what.task);  // a thread that executes becomes its process
  if (!status || fstat(what.file, &info) != 0) return;
  kernel.Approve(status->process, info.st_ino);
}

}  // namespace runward
