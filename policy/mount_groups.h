#pragma once

#include <span>
#include <string_view>

namespace runward {

// Paths of the host that belong together, under a name beginning with '@', for a profile's
// run.mounts.
struct MountGroup {
  std::string_view name;
  std::string_view help;                    // one sentence for a person
  std::span<const std::string_view> paths;  // absolute, sorted
};

std::span<const MountGroup> MountGroups();                // sorted by name
const MountGroup* FindMountGroup(std::string_view name);  // null when there is none

// The group of runward's own directories, whose paths are the installation's (base/paths.h).
inline constexpr std::string_view kOwnGroup = "@runward";

// What engines mount into containers by themselves, beneath directories that are denied otherwise.
struct EngineFile {
  std::string_view directory;  // absolute
  std::string_view tail;       // below it; '*' within a component
};
std::span<const EngineFile> EngineFiles();

// Whether a socket of that name is an engine's, wherever it lies.
bool IsEngineSocketName(std::string_view basename);

}  // namespace runward
