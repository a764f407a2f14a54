#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// A process' network namespace, held open: it lives as long as this does.
struct NetNamespace {
  UniqueFd fd;
  uint64_t inode = 0;
  bool is_ours = false;  // the calling process' own: of a container, the host's
};

Result<NetNamespace> NetNamespaceOf(pid_t pid);

// Whether the process is in the host's network namespace (that of process 1), or in the calling
// process' own. An Error where that cannot be told.
Result<bool> InHostsNetwork(pid_t pid);
Result<bool> IsHostsNetwork(const NetNamespace& space);

// Moves the calling thread into a network namespace, and back when it goes: sockets that are opened
// in between stay there. A thread that cannot go back ends the process: nothing that it did later
// would be done where it should be.
class InNetNamespace {
 public:
  static Result<InNetNamespace> Enter(const NetNamespace& space);
  InNetNamespace(InNetNamespace&&) noexcept = default;
  InNetNamespace& operator=(InNetNamespace&&) = delete;
  ~InNetNamespace();

 private:
  explicit InNetNamespace(UniqueFd before) : before_(std::move(before)) {}
  UniqueFd before_;
};

}  // namespace runward
