#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "tools/run_program.h"

namespace runward {

// The real runtime, called through the runward beside this program: what it is told of a container,
// its engine learns as if the container's process had ended by itself.
class ContainerRuntime {
 public:
  static constexpr int kPatience = 10;  // seconds between SIGTERM and SIGKILL

  // An Error when there is no runward beside this program.
  static Result<ContainerRuntime> Find(const Paths& paths);

  // "running", "paused", "created" or "stopped"; "" when the runtime has no such container, or
  // does not say.
  struct State {
    std::string status;
    pid_t pid = 0;  // of the first process; 0 when there is none
  };
  [[nodiscard]] State StateOf(const Record& record) const;
  [[nodiscard]] std::string Status(const Record& record) const { return StateOf(record).status; }
  // SIGTERM, and SIGKILL when that has not ended it. An Error when it still is not ended.
  [[nodiscard]] Result<void> Stop(const Record& record) const;

 private:
  ContainerRuntime(std::string program, std::string root_flag)
      : program_(std::move(program)), root_flag_(std::move(root_flag)) {}
  [[nodiscard]] Result<ProgramOutput> Call(const Record& record,
                                           const std::vector<std::string>& words) const;
  [[nodiscard]] bool EndsWithin(const Record& record, int seconds) const;

  std::string program_;
  std::string root_flag_;
};

}  // namespace runward
