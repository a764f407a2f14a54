#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runward {

// What /proc says of one task (proc(5)). A task that waits for our answer cannot change meanwhile;
// what its memory says, other threads of it can.

// Inode of the pid namespace that the task lives in; 0 when it is gone.
uint64_t PidNamespaceOf(pid_t task);
// Of the namespaces above it, the nearest first, up to this process' own.
std::vector<uint64_t> PidNamespacesAbove(pid_t task);
// Processes that live in it, `most` at most.
std::vector<pid_t> ProcessesOf(uint64_t pid_namespace, size_t most);
uint64_t MountNamespaceOf(pid_t task);
// Whether the process is number 1 of its pid namespace, which therefore was made for it.
bool IsFirstOfNamespace(pid_t process);

// The task's control groups: the text of /proc/PID/cgroup, a line a hierarchy.
std::string ControlGroupsOf(pid_t task);
// Whether a task in `task_groups` is in the control group of `container_groups`, or beneath it, in
// any hierarchy in which that one is not the root.
bool InControlGroup(const std::string& task_groups, const std::string& container_groups);

// The numbers that a thread and its process have in the pid namespace that they live in.
struct NamespaceNumbers {
  std::string process;
  std::string thread;
};
NamespaceNumbers InnermostNumbersOf(pid_t task);

// Bytes of a process' memory (/proc/PID/mem) up to the first NUL, at most `most`.
std::string TextAt(int memory, uint64_t address, size_t most);

// Inode number of the unified hierarchy's directory that these groups name, which is the group's id
// to the kernel; 0 where there is none.
uint64_t UnifiedGroupOf(const std::string& groups);

struct ProcessStatus {
  pid_t process = 0;  // of a thread's
  pid_t parent = 0;
  uint32_t uid = 0;  // effective, as this process sees it
  uint32_t gid = 0;
  std::string command;  // comm
};
std::optional<ProcessStatus> StatusOf(pid_t task);
std::string CommandNameOf(pid_t task);

// The map of users of the task's user namespace (user_namespaces(7)); empty when it is gone.
std::string UserMapOf(pid_t task);

// The number by such a map of a user outside; nullopt when it has none.
std::optional<uint32_t> UserInMap(std::string_view map, uint32_t outside);

}  // namespace runward
