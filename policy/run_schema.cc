#include "policy/run_schema.h"

#include <array>

#include "policy/run_rule.h"

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 2> kDenyAllow = {"deny", "allow"};

constexpr std::array<KeySpec, 1> kCapabilityKeys = {{
    {.name = "allow",
     .shape = Shape::kCapability,
     .count = Count::kAny,
     .required = true,
     .help = "The capabilities that a process may have in any of its five sets; [] is none."},
}};
constexpr ObjectSpec kCapabilityRule = {"capabilities", "Which capabilities a process may have.",
                                        kCapabilityKeys};

constexpr std::array<KeySpec, 1> kDeviceKeys = {{
    {.name = "allow",
     .shape = Shape::kDevice,
     .count = Count::kAny,
     .required = true,
     .help = "The host's names of the devices that a container may have beyond the usual ones "
             "(null, zero, full, random, urandom, tty, console, ptmx, pts); '*' is any run of "
             "characters but '/'; [] is none."},
}};
constexpr ObjectSpec kDeviceRule = {"devices", "Which devices a container may have.", kDeviceKeys};

constexpr std::array<KeySpec, 2> kMountKeys = {{
    {.name = "allow",
     .shape = Shape::kHostPath,
     .count = Count::kSome,
     .help = "Paths of the host that may be mounted all the same, and all beneath them. Of two "
             "listed paths the longer one decides."},
    {.name = "deny",
     .shape = Shape::kMountRule,
     .count = Count::kSome,
     .required = true,
     .help = "Paths of the host, or groups of paths (@bpf, @engine-sockets, @engine-state, @host, "
             "@runward), that may not be mounted, nor anything beneath or above them."},
}};
constexpr ObjectSpec kMountRule = {"mounts", "What of the host may be mounted.", kMountKeys};

constexpr std::array<KeySpec, 2> kSyscallKeys = {{
    {.name = "deny",
     .shape = Shape::kSyscall,
     .count = Count::kSome,
     .help = "System calls, or groups of them such as @mount, that fail with EPERM whatever the "
             "engine's seccomp profile allows."},
    {.name = "unconfined",
     .shape = Shape::kChoice,
     .help = "Whether a container may come without a seccomp profile of the engine's.",
     .fallback = "\"allow\"",
     .choices = kDenyAllow},
}};
constexpr ObjectSpec kSyscallRule = {"syscalls", "Which system calls a container may make.",
                                     kSyscallKeys};

constexpr std::array<KeySpec, 13> kRunKeys = {{
    {.name = "capabilities",
     .shape = Shape::kObject,
     .help = "Which capabilities a process may have.",
     .object = &kCapabilityRule},
    {.name = "devices",
     .shape = Shape::kObject,
     .help = "Which devices a container may have.",
     .object = &kDeviceRule},
    {.name = "groups",
     .shape = Shape::kAccount,
     .count = Count::kSome,
     .help = "Groups that a process may be in, additional ones included: \"non-root\", numbers, "
             "ranges, and names of the image's own group file."},
    {.name = "hostNamespaces",
     .shape = Shape::kChoice,
     .count = Count::kAny,
     .help = "The host's namespaces that a container may share; [] is none.",
     .choices = kGovernedNamespaces},
    {.name = "limits",
     .shape = Shape::kChoice,
     .count = Count::kSome,
     .help = "Limits that a container must have, and that update may not lift.",
     .choices = kLimitNames},
    {.name = "mounts",
     .shape = Shape::kObject,
     .help = "What of the host may be mounted.",
     .object = &kMountRule},
    {.name = "noNewPrivileges",
     .shape = Shape::kBool,
     .help = "Whether set-user-id programs must be without effect (no_new_privs).",
     .fallback = "false"},
    {.name = "pivotRoot",
     .shape = Shape::kBool,
     .help = "Whether a container must get its root by pivot_root: --no-pivot is refused.",
     .fallback = "false"},
    {.name = "preserveFds",
     .shape = Shape::kBool,
     .help = "Whether a process may have open files of its caller's beside the standard ones "
             "(--preserve-fds, LISTEN_FDS).",
     .fallback = "true"},
    {.name = "privileged",
     .shape = Shape::kBool,
     .help = "Whether a container may have all devices, all capabilities, or SYS_ADMIN with the "
             "kernel's files unmasked.",
     .fallback = "true"},
    {.name = "readOnlyRoot",
     .shape = Shape::kBool,
     .help = "Whether the root filesystem must be read-only.",
     .fallback = "false"},
    {.name = "syscalls",
     .shape = Shape::kObject,
     .help = "Which system calls a container may make.",
     .object = &kSyscallRule},
    {.name = "users",
     .shape = Shape::kAccount,
     .count = Count::kSome,
     .help =
         "Users that a process may be: \"non-root\", numbers, ranges such as \"1000-1999\", and "
         "names of the image's own passwd file."},
}};

}  // namespace

constinit const ObjectSpec kRunSchema = {
    "run", "What a container may be; what is not mentioned is not restricted.", kRunKeys};

}  // namespace runward
