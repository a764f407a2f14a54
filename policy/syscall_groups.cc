#include "policy/syscall_groups.h"

#include <algorithm>
#include <array>

#include "policy/syscall_names.h"

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 2> kBpf = {
    "bpf",
    "perf_event_open",
};
constexpr std::array<string_view, 7> kClock = {
    "adjtimex",        "clock_adjtime", "clock_adjtime64", "clock_settime",
    "clock_settime64", "settimeofday",  "stime",
};
constexpr std::array<string_view, 2> kFileHandle = {
    "name_to_handle_at",
    "open_by_handle_at",
};
constexpr std::array<string_view, 3> kIoUring = {
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
};
constexpr std::array<string_view, 3> kKexec = {
    "kexec_file_load",
    "kexec_load",
    "reboot",
};
constexpr std::array<string_view, 3> kKeyring = {
    "add_key",
    "keyctl",
    "request_key",
};
constexpr std::array<string_view, 6> kModule = {
    "create_module",   "delete_module", "finit_module",
    "get_kernel_syms", "init_module",   "query_module",
};
constexpr std::array<string_view, 13> kMount = {
    "chroot",     "fsconfig",  "fsmount",        "fsopen",     "fspick", "mount",   "mount_setattr",
    "move_mount", "open_tree", "open_tree_attr", "pivot_root", "umount", "umount2",
};
constexpr std::array<string_view, 3> kNamespace = {
    "clone3",
    "setns",
    "unshare",
};
constexpr std::array<string_view, 29> kObsolete = {
    "_sysctl",         "afs_syscall", "bdflush",  "break",    "create_module", "ftime",
    "get_kernel_syms", "getpmsg",     "gtty",     "idle",     "lock",          "mpx",
    "nfsservctl",      "oldolduname", "olduname", "prof",     "profil",        "putpmsg",
    "query_module",    "security",    "sgetmask", "ssetmask", "stty",          "sysfs",
    "tuxcall",         "ulimit",      "uselib",   "ustat",    "vserver",
};
constexpr std::array<string_view, 5> kProcessMemory = {
    "kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev",
};
constexpr std::array<string_view, 5> kPtrace = {
    "kcmp", "pidfd_getfd", "process_vm_readv", "process_vm_writev", "ptrace",
};
constexpr std::array<string_view, 3> kQuota = {
    "acct",
    "quotactl",
    "quotactl_fd",
};
constexpr std::array<string_view, 5> kRawIo = {
    "ioperm", "iopl", "pciconfig_iobase", "pciconfig_read", "pciconfig_write",
};
constexpr std::array<string_view, 2> kSwap = {
    "swapoff",
    "swapon",
};
constexpr std::array<string_view, 1> kUserfaultfd = {
    "userfaultfd",
};
constexpr std::array<string_view, 3> kVm86 = {
    "modify_ldt",
    "vm86",
    "vm86old",
};

constexpr std::array<SyscallGroup, 17> kGroups = {{
    SyscallGroup{"@bpf", "Programs in the kernel, and what watches it: bpf, perf events.", kBpf},
    SyscallGroup{"@clock", "Setting the host's clock.", kClock},
    SyscallGroup{"@file-handle", "Opening files by handle, past the paths that a container sees.",
                 kFileHandle},
    SyscallGroup{"@io-uring", "io_uring, whose work is not seen by filters of system calls.",
                 kIoUring},
    SyscallGroup{"@kexec", "Restarting the host, or putting another kernel in its place.", kKexec},
    SyscallGroup{"@keyring", "The kernel's keyrings, which containers share.", kKeyring},
    SyscallGroup{"@module", "Loading and removing kernel modules.", kModule},
    SyscallGroup{"@mount", "Mounting, unmounting and changing the root.", kMount},
    SyscallGroup{
        "@namespace",
        "Making and entering namespaces. Not clone, whose flags decide; clone3 hides them.",
        kNamespace},
    SyscallGroup{"@obsolete", "Calls that today's programs do not make.", kObsolete},
    SyscallGroup{"@process-memory", "Reading and writing other processes' memory and descriptors.",
                 kProcessMemory},
    SyscallGroup{"@ptrace", "Tracing other processes, and reaching into their memory.", kPtrace},
    SyscallGroup{"@quota", "Disk quotas and process accounting.", kQuota},
    SyscallGroup{"@raw-io", "Ports and configuration space of the hardware.", kRawIo},
    SyscallGroup{"@swap", "Swap space.", kSwap},
    SyscallGroup{"@userfaultfd",
                 "Stopping the kernel in the middle of a copy, which exploits like to do.",
                 kUserfaultfd},
    SyscallGroup{"@vm86", "Old processor modes and segments.", kVm86},
}};

constexpr std::array<string_view, 12> kIpcParts = {"msgctl", "msgget", "msgrcv", "msgsnd",
                                                   "semctl", "semget", "semop",  "semtimedop",
                                                   "shmat",  "shmctl", "shmdt",  "shmget"};
constexpr std::array<string_view, 20> kSocketParts = {
    "accept",  "accept4", "bind",       "connect",  "getpeername", "getsockname", "getsockopt",
    "listen",  "recv",    "recvfrom",   "recvmmsg", "recvmsg",     "send",        "sendmmsg",
    "sendmsg", "sendto",  "setsockopt", "shutdown", "socket",      "socketpair"};
constexpr std::array<Multiplexer, 2> kMultiplexers = {
    {{"ipc", kIpcParts}, {"socketcall", kSocketParts}}};

// execve(2) comes after the filter, and nothing runs without the others.
constexpr std::array<string_view, 16> kNeeded = {
    "brk",  "close",  "execve", "exit", "exit_group",   "fcntl",          "fstat",        "futex",
    "mmap", "munmap", "openat", "read", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "write",
};

}  // namespace

std::span<const SyscallGroup> SyscallGroups() { return kGroups; }

const SyscallGroup* FindSyscallGroup(string_view name) {
  const auto found = std::ranges::find(kGroups, name, &SyscallGroup::name);
  return found == kGroups.end() ? nullptr : &*found;
}

bool IsNeededSyscall(string_view name) { return std::ranges::binary_search(kNeeded, name); }

std::span<const Multiplexer> Multiplexers() { return kMultiplexers; }

std::vector<string_view> ExpandSyscalls(std::span<const string_view> words) {
  std::vector<string_view> names;
  for (string_view word : words) {
    const SyscallGroup* group = FindSyscallGroup(word);
    const auto many = std::ranges::find(kMultiplexers, word, &Multiplexer::name);
    if (group == nullptr) names.push_back(word);
    if (group != nullptr) names.insert(names.end(), group->names.begin(), group->names.end());
    if (many != kMultiplexers.end()) {
      names.insert(names.end(), many->parts.begin(), many->parts.end());
    }
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace runward
