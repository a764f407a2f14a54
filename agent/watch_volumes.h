#pragma once

#include <cstdint>
#include <vector>

#include "agent/kernel_rules.h"
#include "agent/watch_container.h"
#include "agent/watched.h"
#include "base/result.h"

namespace runward {

// A filesystem that the container shares with the host is never asked about as a whole: an agent
// that is stopped would stall the host. Its mount in the container is the container's alone, and
// fanotify asks about what is executed through that one: where rules are left to the agent, or no
// program in the kernel is behind it. The mount of a filesystem that a server answers for (FUSE,
// NFS) is not asked about: opening its file could keep the agent waiting, and with it everybody.
//
// What it does not protect: copies of the mount, in another place or mount namespace, and what the
// container mounts later. The kernel's programs refuse what is executed there without the agent's
// word (agent/bpf/approved.h); where there are none, oci/command_config.h forbids to mount.
std::vector<AskedMount> MountsToAsk(const Watched& container, const FanotifyWatch& watch);

// Has fanotify ask about them, and sets `volumes`. One that another covers stays unasked, and
// one that is gone. Before anything is executed in the container, about what is executed from the
// runtime's root too. `root`: the container's.
Result<void> WatchVolumes(Watched& container, const FanotifyWatch& watch, int root);
// The same of one that an earlier agent took in: wherever they are by now.
Result<void> WatchVolumesAgain(Watched& container, const FanotifyWatch& watch);

// Whether what is to be executed is a hook of config.json (createContainer), which the runtime
// executes in the container's namespaces from its own root before the container's command. That is
// nothing of the container's; with the first thing that is, nobody is taken for a hook any more.
bool IsRuntimesHook(Watched& container, const OpenTry& what);

// The device, as the kernel writes it for the filesystem's mounts, of a file that fanotify asked
// about in the container; stat(2) gives another number for some files of an overlay, and on btrfs.
// `info` has st_dev and the mount's id.
uint64_t DeviceAsked(const Watched& container, uint64_t st_dev, uint64_t mount);

// Whether the agent is asked about what is executed from the filesystem: about all of it, or some.
bool AsksAboutAll(const Watched& container, uint64_t device);
bool AsksAbout(const Watched& container, uint64_t device);
// Whether it was asked about what a program in the kernel tells of.
bool WasAsked(const Watched& container, const KernelEvent& event);

}  // namespace runward
