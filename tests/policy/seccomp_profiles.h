#pragma once

#include <string>
#include <string_view>

// Profiles that differ in what the composer has to do: a default that denies, one that allows, one
// that logs, and one that asks a listener, which can allow.
namespace runward::test {

inline constexpr char kStrict[] = R"({
  "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  "syscalls": [
    {"names": ["read", "write", "mount", "ptrace", "socketcall", "connect", "socket", "umount2",
               "ipc", "shmget", "no_such_call"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
    {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
    {"names": ["clone", "unshare"], "action": "SCMP_ACT_ALLOW",
     "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
    {"names": ["setns"], "action": "SCMP_ACT_LOG"},
    {"names": ["keyctl"], "action": "SCMP_ACT_KILL_PROCESS"}]})";
inline constexpr char kLoose[] = R"({
  "defaultAction": "SCMP_ACT_ALLOW",
  "architectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32"],
  "syscalls": [
    {"names": ["ptrace", "keyctl", "mount"], "action": "SCMP_ACT_KILL_PROCESS"},
    {"names": ["setns"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
    {"names": ["unshare"], "action": "SCMP_ACT_TRAP",
     "args": [{"index": 0, "value": 131072, "op": "SCMP_CMP_GE"}]},
    {"names": ["personality"], "action": "SCMP_ACT_ERRNO",
     "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_GT"}]},
    {"names": ["bind"], "action": "SCMP_ACT_ERRNO"}]})";
inline constexpr char kLogging[] = R"({
  "defaultAction": "SCMP_ACT_LOG", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "syscalls": [{"names": ["socketcall", "mount", "ipc"], "action": "SCMP_ACT_ALLOW"}]})";
inline constexpr char kAsking[] = R"({
  "defaultAction": "SCMP_ACT_NOTIFY", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "syscalls": [
    {"names": ["socketcall", "mount", "cacheflush"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["connect", "clone"], "action": "SCMP_ACT_TRACE",
     "args": [{"index": 0, "value": 3, "op": "SCMP_CMP_NE"}]},
    {"names": ["keyctl"], "action": "SCMP_ACT_ERRNO"}]})";

// The same for arm64 and its 32-bit programs.
inline std::string ForArm(std::string text) {
  const auto replace = [&text](std::string_view from, std::string_view to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from)) {
      text.replace(at, from.size(), to);
    }
  };
  replace("\"SCMP_ARCH_X86_64\"", "\"SCMP_ARCH_AARCH64\"");
  replace("\"SCMP_ARCH_X86\"", "\"SCMP_ARCH_ARM\"");
  replace(", \"SCMP_ARCH_X32\"", "");
  return text;
}

}  // namespace runward::test
