#include "shim/refusal.h"

#include <unistd.h>

#include <csignal>

#include "oci/engine_log.h"

namespace runward {

int Tell(const Invocation& call, const Refusal& refusal) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away must not change the exit code
  const std::string message = Presentable(refusal.message);
  AppendToLog(
      EngineLogAt(call.Global("log").value_or(""), call.Global("log-format").value_or("text"),
                  call.grammar == Grammar::kRunc),
      message);
  WriteAll(STDERR_FILENO, message + "\n");
  return refusal.exit_code;
}

}  // namespace runward
