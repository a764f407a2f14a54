#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "agent/kernel_events.h"
#include "agent/kernel_load.h"
#include "agent/kernel_maps.h"
#include "agent/kernel_rules.h"
#include "base/result.h"

namespace runward {

// Command rules decided by programs in the kernel (agent/bpf/commands.bpf.c). They are pinned: when
// this object, the agent or both versions of it go, the kernel goes on deciding for every container
// registered. Not safe to use from two threads, nor by two processes at once.
class KernelCommands {
 public:
  // The best of `allowed`, whatever their order, that proves itself by its self-test. What an agent
  // of the same version left below `pins` is taken over with its containers; one of another version
  // with the same layout is replaced, its containers taken over, without a moment in which none
  // decides. One of another layout goes on until DropOlder. `pins`: a directory, kept for this; a
  // BPF filesystem is mounted there unless it is on one.
  static Result<KernelCommands> Load(const std::string& pins, std::span<const KernelTier> allowed);

  [[nodiscard]] KernelTier tier() const { return tier_; }
  // Why better tiers were not taken, one line each; for a person.
  [[nodiscard]] const std::vector<std::string>& passed_over() const { return passed_over_; }

  // `container`: the caller's number, never used again, and not UINT64_MAX. By its pid namespace
  // (inode number of /proc/PID/ns/pid), or when that is 0, shared with the host or with another
  // container, by its group in the unified hierarchy (inode number of its directory), above which
  // no other registered group may lie. Registering one again replaces its rules between two execs.
  // The image's own processes are covered from then on; those already running are not looked at.
  Result<void> Register(uint64_t container, uint32_t pid_namespace, uint64_t cgroup,
                        const KernelRules& rules);
  void Forget(uint64_t container) { maps_.Forget(container); }
  // Of a container that needs the agent (KernelRules): the process, as this one numbers it, may
  // execute the file once, as the user that it is effectively now. Before the kernel, which asks,
  // is answered.
  void Approve(pid_t process, const FileKey& file, uint32_t user) const;
  [[nodiscard]] std::vector<uint64_t> Registered() const { return maps_.Registered(); }

  // To be polled; readable when Drain has something to do, within 250 ms of an event.
  [[nodiscard]] int fd() const { return events_.fd(); }
  void Drain(const std::function<void(const KernelEvent&)>& see);
  // Events that the buffer could not take: of all containers registered, and of one.
  [[nodiscard]] uint64_t lost() const { return maps_.Lost(); }
  [[nodiscard]] uint64_t lost(uint64_t container) const { return maps_.Lost(container); }

  // Ends what versions of another layout still enforce: when their containers are registered anew.
  void DropOlder();

 private:
  KernelCommands(std::string pins, std::string version, KernelTier tier, KernelMaps maps,
                 KernelEvents events);
  static Result<KernelCommands> LoadTier(const std::string& pins, KernelTier tier);

  std::string pins_;
  std::string version_;
  KernelTier tier_;
  KernelMaps maps_;
  KernelEvents events_;
  std::vector<std::string> passed_over_;
};

// Removes all versions below `pins`, and with them every decision: for the uninstallation.
void RemoveKernelCommands(const std::string& pins);

}  // namespace runward
