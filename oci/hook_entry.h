#pragma once

#include <cstdint>
#include <optional>
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
  std::vector<std::string> env;   // "NAME=value"; it gets no other
};

// As what others' network rules may have the container as a peer (peers/peer_entry.h).
struct PeerTask {
  std::string key;      // of its record
  std::string profile;  // that governs it
  std::string image;    // the name that a trusted key gave its image; or ""
  bool vouched = false;
};

// What runward-hook is to do before a container's first process exists.
struct HookTask {
  std::optional<RootIdentity> root;  // compare the container's root with it
  std::string key;                   // register the container of that record with the agent; or ""
  std::string supply;                // the record whose secrets the container receives; or ""
  std::string network;               // the record whose network rules are installed; or ""
  bool audit = false;                // what fails of all but the root is logged, and no more
  std::string tier;                  // the agent's that config.json was made for
  std::optional<PeerTask> peer = {};
};

// `root_flag` as in base/paths.h.
HookEntry OurHook(const std::string& hook_path, const std::string& root_flag, const HookTask& task);

// The text of `config` with `entry` as its last createRuntime hook: foreign hooks stay, in their
// order, and an entry with the same path is replaced, so that a bundle used twice has one. All
// other bytes stay as they are. Fails when hooks are not what the specification says.
Result<std::string> WithHook(const JsonDocument& config, const HookEntry& entry);

// The text of `config` without the hook of ours that an earlier start of the same bundle left in
// it; "" when there is none.
std::string WithoutOurHook(const JsonDocument& config);

}  // namespace runward
