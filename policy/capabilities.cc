#include "policy/capabilities.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace runward {
namespace {

constexpr std::array<Capability, 41> kCapabilities = {{
    {"AUDIT_CONTROL", 30, "change the kernel's auditing"},
    {"AUDIT_READ", 37, "read the audit log"},
    {"AUDIT_WRITE", 29, "write to the audit log"},
    {"BLOCK_SUSPEND", 36, "keep the host from sleeping"},
    {"BPF", 39, "load BPF programs"},
    {"CHECKPOINT_RESTORE", 40, "choose process ids, read others' /proc links"},
    {"CHOWN", 0, "change files' owners"},
    {"DAC_OVERRIDE", 1, "read and write any file"},
    {"DAC_READ_SEARCH", 2, "read any file, open files by handle"},
    {"FOWNER", 3, "act as any file's owner"},
    {"FSETID", 4, "keep set-user-id bits"},
    {"IPC_LOCK", 14, "lock memory"},
    {"IPC_OWNER", 15, "use any System V object"},
    {"KILL", 5, "signal any process"},
    {"LEASE", 28, "take leases on any file"},
    {"LINUX_IMMUTABLE", 9, "set append-only and immutable"},
    {"MAC_ADMIN", 33, "change mandatory access rules (Smack)"},
    {"MAC_OVERRIDE", 32, "go past mandatory access rules (Smack)"},
    {"MKNOD", 27, "make device nodes"},
    {"NET_ADMIN", 12, "configure networks and firewalls"},
    {"NET_BIND_SERVICE", 10, "listen on ports below 1024"},
    {"NET_BROADCAST", 11, "unused"},
    {"NET_RAW", 13, "raw and packet sockets"},
    {"PERFMON", 38, "watch performance events"},
    {"SETFCAP", 31, "give files capabilities"},
    {"SETGID", 6, "become any group"},
    {"SETPCAP", 8, "take capabilities from the bounding set, change secure bits"},
    {"SETUID", 7, "become any user"},
    {"SYSLOG", 34, "read the kernel's log and addresses"},
    {"SYS_ADMIN", 21, "mount, enter namespaces and much else: close to root on the host"},
    {"SYS_BOOT", 22, "restart the host"},
    {"SYS_CHROOT", 18, "change the root directory"},
    {"SYS_MODULE", 16, "load kernel modules: root on the host"},
    {"SYS_NICE", 23, "raise priorities"},
    {"SYS_PACCT", 20, "process accounting"},
    {"SYS_PTRACE", 19, "trace any process"},
    {"SYS_RAWIO", 17, "reach the hardware"},
    {"SYS_RESOURCE", 24, "go past limits"},
    {"SYS_TIME", 25, "set the clock"},
    {"SYS_TTY_CONFIG", 26, "configure terminals"},
    {"WAKE_ALARM", 35, "wake the host by a timer"},
}};

std::string Capitals(std::string_view word) {
  std::string text(word);
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

std::span<const Capability> Capabilities() { return kCapabilities; }

CapabilityMask AllCapabilities() { return (CapabilityMask{1} << kCapabilities.size()) - 1; }

std::optional<int> CapabilityOf(std::string_view word) {
  std::string name = Capitals(word);
  if (name.starts_with("CAP_")) name.erase(0, 4);
  int number = 0;
  const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (status == std::errc{} && end == name.data() + name.size()) {
    const bool known = number >= 0 && static_cast<size_t>(number) < kCapabilities.size();
    return known ? std::optional(number) : std::nullopt;
  }
  const auto found =
      std::ranges::lower_bound(kCapabilities, std::string_view(name), {}, &Capability::name);
  if (found == kCapabilities.end() || found->name != name) return std::nullopt;
  return found->number;
}

std::string DescribeCapabilities(CapabilityMask mask) {
  std::string text;
  for (const Capability& one : kCapabilities) {
    if ((mask & MaskOf(one.number)) == 0) continue;
    if (!text.empty()) text += ", ";
    text += one.name;
  }
  return text.empty() ? "none" : text;
}

}  // namespace runward
