#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/command_judge.h"
#include "agent/fanotify_group.h"
#include "agent/seccomp_listener.h"
#include "agent/watched.h"
#include "base/fd.h"

namespace runward {

// What a container's rules say of a notified call, by the judge of all other tries.
struct JudgedCall {
  int error = 0;                    // to fail with; 0 lets it go on
  std::optional<JudgedTry> judged;  // when there is something to be said
  UniqueFd file;                    // that is to be executed, or stands in the way
  std::string path;                 // its, in the container
  ArgvPlace argv;
  [[nodiscard]] OpenTry what(pid_t task) const {
    return {.file = file.get(), .task = task, .execute = true, .argv = argv};
  }
};

// Beside the file itself, a script's interpreters are judged, of which the kernel does not ask; and
// the dynamic loader is not executed by itself where anything is ruled, for nobody sees what it
// maps. `waits` tells whether the call is still there: what is looked at is its task's only then.
JudgedCall JudgeCall(Watched& container, const NotifiedCall& call,
                     const std::function<bool()>& waits);

// The same of a container at which nobody looks (JudgeHeld).
JudgedCall HeldCall(const Watched& container);

}  // namespace runward
