#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace runward {

// Where argv lies in the memory of a task that is in execve(2) or execveat(2), and how large the
// pointers in it are. What is there the task's other threads can change.
struct ArgvPlace {
  uint64_t address = 0;  // 0: in another call
  size_t pointer = sizeof(uint64_t);
};

// By the call's number and arguments, in whatever way it was made.
ArgvPlace ArgvOf(long number, std::span<const uint64_t> args);

// Of the call that a task waits in, by /proc/PID/syscall. That says so only of one that sleeps,
// and who is asked about a task can be told before it does: it is waited for, for three tenths of a
// second. nullopt when it did not get there.
std::optional<ArgvPlace> ArgvAsked(pid_t task);

// The arguments there: at most `most`, each cut to `longest` bytes. Empty when they cannot be read.
std::vector<std::string> ArgumentsAt(pid_t task, const ArgvPlace& place, size_t most,
                                     size_t longest);

}  // namespace runward
