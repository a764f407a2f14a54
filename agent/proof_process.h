#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>

#include "agent/poller.h"
#include "base/fd.h"
#include "base/result.h"

namespace runward {

// Something to be found out that may take long, in a process of its own, which ends with this one:
// the agent answers others meanwhile.
class ProofProcess {
 public:
  using Work = std::function<Result<void>()>;
  using Done = std::function<void(const Result<void>&)>;

  // `work` runs in a copy of this process, of which nothing is left afterwards. Then the poller
  // calls `done` with what came of it, which may destroy this; not when this is destroyed before.
  static Result<std::unique_ptr<ProofProcess>> Begin(Poller& poller, const Work& work, Done done);
  ProofProcess(const ProofProcess&) = delete;
  ProofProcess& operator=(const ProofProcess&) = delete;
  ~ProofProcess();

 private:
  ProofProcess(Poller& poller, Done done) : poller_(poller), done_(std::move(done)) {}
  void Finish();
  void End();

  Poller& poller_;
  Done done_;
  UniqueFd answer_;
  pid_t child_ = -1;
};

}  // namespace runward
