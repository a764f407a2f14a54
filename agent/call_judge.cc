#include "agent/call_judge.h"

#include <fcntl.h>

#include <cerrno>

#include "agent/calling_task.h"
#include "agent/loader_file.h"
#include "agent/loader_rule.h"
#include "agent/try_view.h"

namespace runward {
namespace {

// As deep as the kernel goes (execve(2)).
constexpr int kDeepest = 5;

bool Enforced(const Watched& container) { return container.record.mode == Mode::kEnforce; }

// What leads nowhere fails as it would have: let go on, it could lead somewhere by then. 0 for what
// only we do not get at.
int AsEver(int error) {
  if (error == EISDIR) return EACCES;
  const bool nowhere = error == ENOENT || error == ENOTDIR || error == ELOOP ||
                       error == ENAMETOOLONG || error == EBADF;
  return nowhere ? error : 0;
}

JudgedCall Denied(Watched& container, JudgedCall call, CommandFinding finding) {
  call.judged =
      JudgedTry{.container = &container, .finding = std::move(finding), .path = call.path};
  call.error = call.judged->stops() ? EPERM : 0;
  return call;
}

CommandFinding CannotBeLookedAt() {
  return {.rule = "commands.error", .reason = "the file cannot be looked at"};
}

JudgedCall NotThere(Watched& container, int error) {
  if (container.rule.permits_all()) return {};
  if (AsEver(error) != 0) return {.error = Enforced(container) ? AsEver(error) : 0};
  return Denied(container, {}, CannotBeLookedAt());
}

// One file, without what it leads to.
JudgedCall JudgeFile(Watched& container, UniqueFd file, const NotifiedCall& asked) {
  JudgedCall call{.file = std::move(file), .path = {}, .argv = ArgvOf(asked.number, asked.args)};
  call.path = PathOf(call.file.get());
  call.judged = JudgeTry({&container}, call.what(asked.task), call.path);
  if (call.judged) {
    call.error = call.judged->stops() ? EPERM : 0;
    return call;
  }
  if (container.rule.permits_all()) return call;
  const std::string link = "/proc/self/fd/" + std::to_string(call.file.get());
  const UniqueFd readable(open(link.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!readable.valid()) return Denied(container, std::move(call), CannotBeLookedAt());
  if (!IsLoaderFile(readable.get())) return call;
  CommandFinding finding = LoaderByItself(call.path);
  return Denied(container, std::move(call), std::move(finding));
}

}  // namespace

JudgedCall HeldCall(const Watched& container) {
  JudgedCall call{.judged = JudgeHeld(container, ""), .file = {}, .path = {}, .argv = {}};
  call.error = call.judged->stops() ? EPERM : 0;
  return call;
}

JudgedCall JudgeCall(Watched& container, const NotifiedCall& call,
                     const std::function<bool()>& waits) {
  const std::optional<CallingTask> task = CallingTask::Of(call.task);
  if (!waits()) return {.error = EPERM};
  if (!task) return NotThere(container, ESRCH);
  CalledFile found = task->FileOf(call);
  if (!found.file.valid()) return NotThere(container, found.error);
  JudgedCall said = JudgeFile(container, std::move(found.file), call);
  std::string interpreter = InterpreterOf(said.file.get());
  for (int depth = 0; depth < kDeepest && said.error == 0 && !interpreter.empty(); ++depth) {
    found = task->FileAt(interpreter);
    if (!found.file.valid()) break;
    JudgedCall one = JudgeFile(container, std::move(found.file), call);
    interpreter = InterpreterOf(one.file.get());
    if (one.error != 0 || (one.judged && !said.judged)) said = std::move(one);
  }
  return said;
}

}  // namespace runward
