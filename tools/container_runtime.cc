#include "tools/container_runtime.h"

#include <chrono>
#include <thread>

#include "base/json.h"
#include "tools/setup.h"

namespace runward {

Result<ContainerRuntime> ContainerRuntime::Find(const Paths& paths) {
  return ContainerRuntime(TRY(ProgramBeside("runward")), paths.root_flag);
}

Result<ProgramOutput> ContainerRuntime::Call(const Record& record,
                                             const std::vector<std::string>& words) const {
  constexpr int kSeconds = 30;
  std::vector<std::string> all = {program_};
  if (!root_flag_.empty()) all.push_back(root_flag_);
  all.insert(all.end(), {"--root", record.root});
  all.insert(all.end(), words.begin(), words.end());
  return RunProgram(all, {.errors_apart = true, .seconds = kSeconds});
}

ContainerRuntime::State ContainerRuntime::StateOf(const Record& record) const {
  State state;
  const auto output = Call(record, {"state", record.id});
  if (!output.ok() || output.value().status != 0) return state;
  const auto document = JsonDocument::Parse(output.value().text);
  if (!document.ok()) return state;
  state.status = document.value().root().Find("status").text();
  const Result<int64_t> pid = document.value().root().Find("pid").Int();
  if (pid.ok() && pid.value() > 0) state.pid = static_cast<pid_t>(pid.value());
  return state;
}

bool ContainerRuntime::EndsWithin(const Record& record, int seconds) const {
  constexpr auto kPause = std::chrono::milliseconds(100);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  do {
    const std::string status = Status(record);
    if (status.empty() || status == "stopped") return true;
    std::this_thread::sleep_for(kPause);
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

Result<void> ContainerRuntime::Stop(const Record& record) const {
  (void)Call(record, {"kill", record.id, "TERM"}).ok();  // what matters is whether it ends
  if (EndsWithin(record, kPatience)) return {};
  const auto killed = Call(record, {"kill", record.id, "KILL"});
  if (EndsWithin(record, kPatience)) return {};
  return Error{"container \"" + record.id + "\" does not end: " +
                   (killed.ok() ? "SIGKILL was sent" : killed.error().message),
               "stop it by its engine"};
}

}  // namespace runward
