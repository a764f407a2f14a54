#include "policy/words.h"

#include <algorithm>

#include "policy/capabilities.h"
#include "policy/command_rule.h"
#include "policy/mount_groups.h"
#include "policy/run_rule.h"
#include "policy/syscall_groups.h"
#include "policy/syscall_names.h"

namespace runward {
namespace {

constexpr size_t kLongest = 1024;

// Absolute, without "." and "..", nor "/" at its end; "/" itself is one.
bool IsCleanPath(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > kLongest) return false;
  if (path == "/") return true;
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(path, control)) return false;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    path.remove_prefix(part.size());
  }
  return true;
}

bool IsCapability(std::string_view text) {
  // Numbers are for runtimes; a policy speaks of names.
  const bool digits = text.find_first_of("0123456789") != std::string_view::npos;
  return !digits && CapabilityOf(text).has_value();
}

}  // namespace

bool IsWordShape(Shape shape) {
  return shape == Shape::kAccount || shape == Shape::kCapability || shape == Shape::kCommand ||
         shape == Shape::kDevice || shape == Shape::kHostPath || shape == Shape::kMountRule ||
         shape == Shape::kSyscall;
}

bool IsWord(Shape shape, std::string_view text) {
  switch (shape) {
    case Shape::kAccount:
      return ParseIdRange(text).has_value() || IsAccountName(text);
    case Shape::kCapability:
      return IsCapability(text);
    case Shape::kCommand:
      return IsCommand(text);
    case Shape::kDevice:
      return text.starts_with("/dev/") && IsCleanPath(text);
    case Shape::kHostPath:
      return IsCleanPath(text) && text.find('*') == std::string_view::npos;
    case Shape::kMountRule:
      return IsWord(Shape::kHostPath, text) || FindMountGroup(text) != nullptr;
    case Shape::kSyscall:
      return IsSyscallName(text) || FindSyscallGroup(text) != nullptr;
    default:
      return false;
  }
}

std::string_view WantedWord(Shape shape) {
  switch (shape) {
    case Shape::kAccount:
      return "\"non-root\", a number, a range such as \"1000-1999\", or a name";
    case Shape::kCapability:
      return "a capability such as \"NET_BIND_SERVICE\" (man 7 capabilities)";
    case Shape::kCommand:
      return "a command's name, or its absolute path in the container; '*' is any run of "
             "characters but '/'";
    case Shape::kDevice:
      return "a path below /dev; '*' is any run of characters but '/'";
    case Shape::kHostPath:
      return "an absolute path without \".\", \"..\", '*' or a '/' at its end";
    case Shape::kMountRule:
      return "an absolute path without \".\", \"..\", '*' or a '/' at its end, or a group such as "
             "\"@engine-sockets\"";
    default:
      return "a system call as libseccomp names it, or a group such as \"@mount\"";
  }
}

std::vector<std::string_view> KnownWords(Shape shape) {
  std::vector<std::string_view> words;
  if (shape == Shape::kCapability) {
    for (const Capability& one : Capabilities()) words.push_back(one.name);
  }
  if (shape == Shape::kMountRule) {
    for (const MountGroup& group : MountGroups()) words.push_back(group.name);
  }
  if (shape == Shape::kSyscall) {
    words.assign(SyscallNames().begin(), SyscallNames().end());
    for (const SyscallGroup& group : SyscallGroups()) words.push_back(group.name);
  }
  return words;
}

}  // namespace runward
