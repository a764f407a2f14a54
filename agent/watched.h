#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "agent/command_files.h"
#include "agent/container_note.h"
#include "agent/env_helper.h"
#include "agent/image_files.h"
#include "agent/mount_view.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "policy/command_rule.h"

namespace runward {

// Of a filesystem that the host shares: fanotify asks about what is executed through it.
struct AskedMount {
  uint64_t id = 0;
  uint64_t device = 0;
};

// One that was there when the container started. A container that unmounts it can have another get
// its number, which is why the place counts too.
struct GivenMount {
  uint64_t id = 0;
  size_t place = 0;  // its hash
};

// A container whose command rules the agent enforces.
struct Watched {
  std::string key;  // of its record
  Record record;
  CommandRule rule;
  pid_t pid = 0;  // its first process
  uint64_t start = 0;
  UniqueFd alive;  // pidfd_open(2) of it: readable when it has ended
  uint64_t pid_namespace = 0;
  uint64_t mount_namespace = 0;
  std::string control_groups;
  std::string user_map;  // of its user namespace, before anything ran that could make one below it
  std::vector<ContainerMount> mounts;  // until it is enforced: they are large
  std::vector<GivenMount> given;       // all of them
  uint64_t root_device = 0;            // as its mount has it
  CommandFiles files;
  std::optional<ImageFiles> image;    // where drift is ruled
  std::optional<EnvHelper> helper;    // where secrets are given as variables
  bool own_pid_namespace = false;     // its first process is the namespace's
  uint64_t number = 0;                // by which the kernel's programs know it; never used again
  std::vector<std::string> commands;  // agent/kernel_plan.h
  std::string prepared;               // the tier that its configuration was made for
  uint64_t lost = 0;                  // of the kernel's events, as told
  bool reads_arguments = false;       // no program in the kernel judges them: audit mode only
  std::vector<uint64_t> asked;        // devices of the filesystems that fanotify asks about
  std::vector<AskedMount> volumes;    // of other filesystems
  uint64_t runtimes_mount = 0;        // while nothing of the container's has been executed
  bool needs_agent = false;           // in the kernel's plan (agent/kernel_rules.h)
  bool kernel_behind = false;         // a program in the kernel judges what fanotify asks about too
  bool loader_forbidden = false;      // to be executed by itself (agent/loader_rule.h)
  bool shut = false;                  // its rules could not be found again: nothing is executed
};

// Finds out all of it for the record `key` and the process; an Error says what stands in the way,
// for a person. Does not look at how it will be enforced.
Result<Watched> LookAtContainer(const Paths& paths, const std::string& key, pid_t pid);

// The same as it was when the note was made. Touches nothing that is the container's: its first
// process may have another root by now, other mounts, and another mount namespace. But a note of
// layout 0 says so little that the container is looked at anew; an Error where that one has left
// the root that it began with.
Result<Watched> RememberContainer(const Paths& paths, const std::string& key,
                                  const ContainerNote& note);
ContainerNote NoteOf(const Watched& container);

// One of which no more is known than which it is.
Result<Watched> ShutContainer(const Paths& paths, const std::string& key,
                              const ContainerNote& note);

}  // namespace runward
