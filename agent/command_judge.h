#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/fanotify_group.h"
#include "agent/watched.h"
#include "policy/command_rule.h"

namespace runward {

// What a container's rules say of one file that is about to be executed.
struct JudgedTry {
  const Watched* container = nullptr;
  CommandFinding finding;
  std::string path;                  // in the container
  [[nodiscard]] bool stops() const;  // denied, by a profile that enforces
};

// `containers` are those that the task is of (agent/registry.h), `path` is the file's there.
// nullopt when nothing is to be said.
std::optional<JudgedTry> JudgeTry(const std::vector<Watched*>& containers, const OpenTry& what,
                                  const std::string& path);

// What is said of all that is tried in a container at which nobody looks for a while
// (agent/looks.h).
JudgedTry JudgeHeld(const Watched& container, const std::string& path);

// And in one that is shut (agent/watched.h).
CommandFinding NothingIsExecuted();

}  // namespace runward
