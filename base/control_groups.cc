#include "base/control_groups.h"

#include <linux/magic.h>
#include <sys/vfs.h>

namespace runward {

std::string UnifiedHierarchy() {
  for (const char* place : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    struct statfs info {};
    if (statfs(place, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC) return place;
  }
  return "";
}

}  // namespace runward
