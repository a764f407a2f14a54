#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace runward {

// A file as the kernel's programs know it, whatever names lead to it.
struct FileKey {
  // The filesystem's device, as makedev(3) packs the major:minor that /proc/self/mountinfo gives
  // for the mount. On btrfs stat's st_dev is another number, which no rule then matches.
  uint64_t device = 0;
  uint64_t inode = 0;  // st_ino
  auto operator<=>(const FileKey&) const = default;
};

enum FileFlags : uint16_t {
  kFileDenied = 1,
  kFileAllowed = 2,
  kFileMultiCall = 4,     // as busybox: judged by the names of its applets too
  kFileLoader = 8,        // the dynamic loader: not to be executed directly
  kExceptDirectory = 16,  // it, and all beneath it on its filesystem, is no drift
};

struct FileRule {
  FileKey file;
  uint16_t flags = 0;
  uint16_t rule = 0;  // given back in events
};

// A base name, of at most 63 bytes. A denied one is denied to the file, to the link by which it was
// called, and to the applet. An allowed one allows a file of that name, or an applet; never a link.
struct NameRule {
  std::string name;
  bool denied = true;
  uint16_t rule = 0;
};

// What a command may be given, judged when it is executed, before its first instruction. A pattern
// is an argument, or the beginning of one when it ends in '*'.
struct KernelArguments {
  std::vector<FileKey> files;         // each stands for the command, of one rule only
  std::string name;                   // base name of a file, link or applet; "" for none
  bool allow = false;                 // nothing but these; otherwise none of these
  std::vector<std::string> patterns;  // at most 100 bytes each
  uint16_t rule = 0;
};

enum class KernelDrift : uint8_t { kAllow = 0, kWarn = 1, kDeny = 2 };

// What governs a container. What a denying rule names stays denied if another allows it.
struct KernelRules {
  bool enforce = true;
  KernelDrift drift = KernelDrift::kAllow;
  bool allow_list = false;  // what neither a file nor a name allows is denied
  bool record = false;      // an event for every exec, allowed ones too
  // The superblock of the container's root, an overlay: the kernel sees there what came after the
  // start. With drift, everything on a root that is no overlay counts as drift.
  uint64_t image_device = 0;
  std::vector<uint64_t> trusted_devices;  // superblocks of which nothing is drift
  // Only the agent can judge some of it: what is executed without its having let that go on
  // (KernelCommands::Approve) is refused, or killed, wherever it lies.
  bool needs_agent = false;
  std::vector<FileRule> files;
  std::vector<NameRule> names;
  std::vector<KernelArguments> arguments;
};

enum class KernelDecision : uint8_t { kAllowed, kWarned, kWouldDeny, kDenied, kKilled };
enum class KernelCause : uint8_t {
  kNone,
  kFile,
  kName,
  kApplet,
  kDrift,
  kLoader,
  kNotListed,
  kArguments,
  kUnasked
};

struct KernelEvent {
  uint64_t container = 0;
  uint64_t time = 0;  // nanoseconds of CLOCK_MONOTONIC
  KernelDecision decision = KernelDecision::kAllowed;
  KernelCause cause = KernelCause::kNone;
  bool mapping = false;  // made executable in memory, not executed
  uint16_t rule = 0;     // of the cause; 0 where no rule is
  FileKey file;
  uint32_t pid = 0;  // ids are the host's
  uint32_t parent = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::string comm;      // the caller's, before the exec where it was denied
  std::string filename;  // as called; of a mapping the base name. At most 255 bytes
  // Cut at 511 bytes. Of an exec that was refused, not killed: what the caller had there at the
  // time, which another thread of his may have changed, each cut at 127; none of a 32-bit call's.
  std::vector<std::string> argv;
};

}  // namespace runward
