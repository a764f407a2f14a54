#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <set>

#include "agent/asked_arguments.h"
#include "base/fd.h"
#include "base/result.h"

namespace runward {

// fanotify(7): the kernel asks whether a file may be opened to be executed, and waits. A group
// lives as long as any process holds it open: what it asks meanwhile waits for the next one that
// reads. When nobody holds it any more, everything is let through.

struct OpenTry {
  int file = -1;                       // open, as the asker would have it; valid during the call
  pid_t task = 0;                      // the thread that asks, as seen from here; it waits
  bool execute = false;                // otherwise it is only opened: code can be mapped by hand
  std::optional<ArgvPlace> argv = {};  // where that is known; else the task is looked at
};

// Needs CAP_SYS_ADMIN.
Result<UniqueFd> OpenFanotify();

// Asks about every file of the filesystem that is executed; `path` lies on it.
Result<void> WatchFilesystem(int group, const std::string& path);
// Asks about every file that is executed through the mount that `path` lies on, in whatever mount
// namespace that is; not through another mount of the same filesystem, nor a copy of this one.
Result<void> WatchThroughMount(int group, const std::string& path);
// Asks whenever this file is opened, for whatever purpose.
Result<void> WatchFile(int group, const std::string& path);

// What WatchFilesystem and WatchThroughMount were called for, by whomever: a group keeps it for as
// long as it and the filesystem, or the mount, live.
struct Marked {
  std::set<uint64_t> filesystems;  // devices
  std::set<uint64_t> mounts;       // ids, which are used again once the mount is gone
};
// Nothing of a group that is none (-1).
Marked MarkedIn(int group);

// Answers all that is asked at the moment: true lets it happen.
Result<void> AnswerTries(int group, const std::function<bool(const OpenTry&)>& allow);

// Denies what was asked of an earlier reader of the group, which died before it answered: nobody
// can know any more what that was, and nobody else would ever answer.
void DenyUnanswered(int group);

}  // namespace runward
