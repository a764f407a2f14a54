#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// What the agent keeps about a container that it has taken in (RUN/agent/<key>, root's alone), for
// the agent that comes after it.
struct ContainerNote {
  pid_t pid = 0;
  uint64_t start = 0;                                  // of the process, as the record has it
  uint64_t number = 0;                                 // by which the kernel's programs know it
  std::string prepared;                                // agent/watched.h
  std::string user_map;                                // agent/watched.h
  std::map<uint64_t, std::vector<std::string>> names;  // agent/command_files.h
};

// Where it lies, of the record of that key.
std::string NotePath(const Paths& paths, const std::string& key);
// The keys of all.
std::vector<std::string> NotedKeys(const Paths& paths);

std::string FormatNote(const ContainerNote& note);
// Fails for what FormatNote would not have written.
Result<ContainerNote> ReadNote(const std::string& path);

}  // namespace runward
