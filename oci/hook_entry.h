#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace runward {

// What the root filesystem was when its image was identified: the inode that the container's "/"
// has to be once all mounts of config.json are made.
struct RootIdentity {
  std::string path;  // absolute, symlinks resolved, in the host's mount namespace
  uint64_t device = 0;
  uint64_t inode = 0;
};

// A createRuntime hook (OCI runtime-spec config.md, "POSIX-platform Hooks") of ours.
struct HookEntry {
  std::string path;               // absolute path of runward-hook
  std::vector<std::string> args;  // without argv[0]
};

// runward-hook's call that compares the container's root with `root`; `root_flag` as in
// base/paths.h.
HookEntry RootCheckHook(const std::string& hook_path, const std::string& root_flag,
                        const RootIdentity& root);

// The text of `config` with `entry` as its last createRuntime hook: foreign hooks stay, in their
// order, and an entry with the same path is replaced, so that a bundle used twice has one. All
// other bytes stay as they are. Fails when hooks are not what the specification says.
Result<std::string> WithHook(const JsonDocument& config, const HookEntry& entry);

// The text of `config` without the check of a root that an earlier start of the same bundle left
// in it; "" when there is none.
std::string WithoutRootCheck(const JsonDocument& config);

}  // namespace runward
