#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "agent/seccomp_listener.h"
#include "base/fd.h"

namespace runward {

// A file as a task would find it (O_PATH), or why it would find none: an errno(3); EISDIR is of
// whatever cannot be executed by its kind.
struct CalledFile {
  UniqueFd file;
  int error = 0;
};

// A task that waits in execve(2) or execveat(2), and the file that it means. What its memory says,
// and where its paths lead, can be changed by others before the kernel looks again.
class CallingTask {
 public:
  // nullopt when it is gone. Who has it has to ask whether the call still waits (StillWaits) before
  // believing what it says: only then was it opened for the task that called.
  static std::optional<CallingTask> Of(pid_t task);

  // The file that the call is about; 32-bit calls too.
  [[nodiscard]] CalledFile FileOf(const NotifiedCall& call) const;
  // The file at a path that is another's, such as a script's interpreter.
  [[nodiscard]] CalledFile FileAt(const std::string& path) const;

 private:
  explicit CallingTask(pid_t task) : task_(task) {}
  [[nodiscard]] CalledFile Resolve(UniqueFd base, const std::string& path) const;
  [[nodiscard]] UniqueFd Open(const std::string& place) const;

  pid_t task_;
  UniqueFd memory_;
  UniqueFd root_;
};

// The interpreter that the file's first line names (execve(2), "Interpreter scripts"); "" for a
// file that is no script, or cannot be read.
std::string InterpreterOf(int file);

}  // namespace runward
