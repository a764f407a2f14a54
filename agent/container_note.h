#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/command_files.h"
#include "agent/env_helper.h"
#include "agent/mount_view.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// What the agent keeps about a container that it has taken in (RUN/agent/<key>, root's alone), for
// the agent that comes after it: all that it found out before anything ran there. What the
// container is by then, it may have made itself.
//
// A note says of which layout it is. Readers take older ones, and pass over members that they do
// not know, so that adding one makes no new layout; a number that is newer than theirs says that
// passing over would be a mistake.
struct ContainerNote {
  static constexpr int kLayout = 1;  // 0 has but what comes before the mount namespace, and names
  int layout = kLayout;
  pid_t pid = 0;
  uint64_t start = 0;    // of the process, as the record has it
  uint64_t number = 0;   // by which the kernel's programs know it
  std::string prepared;  // this and what follows: agent/watched.h
  std::string user_map;
  uint64_t mount_namespace = 0;
  std::string control_groups;
  std::vector<ContainerMount> mounts;  // "/" first; the options of the mounts are left out
  CommandFiles files;                  // without `denied`, which the rule tells
  std::optional<EnvHelper> helper;
  std::vector<uint64_t> asked;
};

// Where it lies, of the record of that key.
std::string NotePath(const Paths& paths, const std::string& key);

std::string FormatNote(const ContainerNote& note);
// Fails for what FormatNote would not have written.
Result<ContainerNote> ReadNote(const std::string& path);

// One that lies there, of a container that still lives.
struct NotedContainer {
  std::string key;
  ContainerNote note;        // with `why` only what says which container it is; at worst nothing
  std::optional<Error> why;  // it could not be read
};
// All of them; the notes of those that have ended are removed.
std::vector<NotedContainer> NotedContainers(const Paths& paths);

}  // namespace runward
