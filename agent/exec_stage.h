#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

namespace runward {

// As what a file is opened to be executed. fanotify asks about both in the same way, and about an
// interpreter in the same system call as about its program; a call that failed between the two
// cannot be told from one that goes on. Where the task is within the kernel can.
enum class OpenedAs : uint8_t {
  kProgram,      // that the call names, or that a script's first line does
  kInterpreter,  // of a program, which names it (PT_INTERP)
  kUnknown,
};

// Of the task that waits for fanotify's answer: by /proc/PID/stack (proc(5)), which nothing that
// the task or another thread of it does can change. The kernel may ask before the task sleeps,
// until when there is nothing to be read: it is waited for, for three tenths of a second. kUnknown
// on a kernel that was built without CONFIG_STACKTRACE.
OpenedAs OpenedBy(pid_t task);

// The same of the text, a line a function, the innermost first.
OpenedAs OpenedIn(std::string_view stack);

}  // namespace runward
