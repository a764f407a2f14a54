#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// The descriptor that "/dev/fd/N" or "/proc/self/fd/N" names: a shell's <(command), a pipe that can
// be read once. nullopt for any other path.
std::optional<int> NamedDescriptor(std::string_view path);

// The bytes that were checked, as a file that nobody can change, positioned at its start.
Result<UniqueFd> InMemory(const std::string& text);

// A path by which the real runtime opens such a file. The descriptor stays open across exec, at a
// number above those that --preserve-fds hands to the container; runc closes it before the
// container's process starts.
Result<std::string> HandOn(const UniqueFd& fd);

}  // namespace runward
