#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/fanotify_group.h"
#include "agent/watched.h"

namespace runward {

// What can be seen of a try to execute a file while its task waits for the answer.

// The open file's path, as its container has it; "" when there is none.
std::string PathOf(int file);

// Whether the task still has the runtime's program, as one has that an exec from outside has just
// made, or the container's first process before its own command. That program lies on none of the
// container's mounts. A process of the container that looks like that gains nothing by it.
bool HasRuntimesProgram(const Watched& container, pid_t task);
// Whether an exec from outside made it.
bool FromOutside(const Watched& container, pid_t task);

// What a program of many applets was called to be: the words up to the first that is not the
// program's own name. Another thread can change that after we have looked, so it only catches those
// who do not. Empty for any other program;
// nullopt: its arguments cannot be told.
std::optional<std::vector<std::string>> AppletOf(std::string_view path, const OpenTry& what);

// The arguments that the task has in its memory for it now, as ArgumentsAt has them; nullopt where
// they cannot be told.
std::optional<std::vector<std::string>> ArgumentsOf(const OpenTry& what, size_t most,
                                                    size_t longest);

// The task's effective user, as the container numbers it.
uint32_t UserOf(const Watched& container, pid_t task);

std::string_view BaseName(std::string_view path);

}  // namespace runward
