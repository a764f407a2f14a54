#pragma once

#include <optional>
#include <string>

#include "agent/fanotify_group.h"
#include "agent/registry.h"
#include "policy/command_rule.h"

namespace runward {

// What a container's rules say of one file that is about to be executed.
struct JudgedTry {
  const Watched* container = nullptr;
  CommandFinding finding;
  std::string path;                  // in the container
  [[nodiscard]] bool stops() const;  // denied, by a profile that enforces
};

// nullopt when nothing is to be said: not of a watched container, or in order.
std::optional<JudgedTry> JudgeTry(Registry& registry, const OpenTry& what);

}  // namespace runward
