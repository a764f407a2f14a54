#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/run_rule.h"

namespace runward {

// What the host says about things that a configuration only names, so that run controls can be
// judged without looking themselves. oci/host_look.h fills it.

// A place in a filesystem, whatever it is called and wherever it is mounted: a bind mount of a
// directory has the directory's own place.
struct Location {
  std::string device;  // "8:1": the filesystem's device number, as mountinfo has it
  std::string path;    // within the filesystem, "/" at its root
};

// Whether `inner` is `outer` or lies beneath it.
bool Beneath(const Location& inner, const Location& outer);

// Something of the host that a mount brings into the container.
struct SourceView {
  size_t mount = 0;  // index in ContainerConfig::mounts
  std::string path;  // absolute, symlinks resolved as far as it exists
  std::string why;   // why its place cannot be told; "" otherwise
  bool socket = false;
  std::vector<Location> trees;  // its place; and of a recursive mount, those mounted beneath
  // Where the filesystem of its place is mounted, where that one's is, and so on to "/"; for each
  // mount of it.
  std::vector<std::vector<Location>> above;
};

struct PlaceView {
  std::string path;  // as the rule or the installation names it
  Location at;
};

struct HostView {
  std::vector<SourceView> sources;
  std::vector<PlaceView> places;  // those of PlacesOf and `own`; what could not be told is missing
  std::vector<std::string> own;   // runward's own directories
  std::vector<std::string> host_namespaces;  // types of joined namespaces that are the host's own
  // "c 10:229" and "/dev/fuse": the host's names for device numbers.
  std::vector<std::pair<std::string, std::string>> device_names;
};

// The paths of the host whose places a rule's mounts are judged by.
std::vector<std::string_view> PlacesOf(const RunRule& rule);

}  // namespace runward
