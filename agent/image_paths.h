#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"

namespace runward {

// The paths of a container's image, whatever the container has made of them: those of its overlay's
// lower layers. For what a rule denies: a container that is started again has its own links where
// the image had others. What a layer hides of those below by an opaque directory is found all the
// same; no process gets at that. Looks at each place once; the layers never change.
class ImagePaths {
 public:
  explicit ImagePaths(const std::vector<std::string>& lower);  // topmost first

  struct File {
    uint64_t inode = 0;  // which the overlay keeps when it copies the file up
    std::string path;    // with no links
  };
  // The regular file at the path, links followed.
  std::optional<File> Find(const std::string& path);
  // Names of what the directory has, links followed; sorted, each once.
  const std::vector<std::string>& Entries(const std::string& directory);

 private:
  struct Place {
    uint64_t inode = 0;
    bool regular = false;
    std::optional<std::string> target;  // of a link
  };
  const Place& At(const std::string& path);
  std::optional<std::string> Follow(const std::string& path);

  std::vector<UniqueFd> layers_;
  std::map<std::string, Place> places_;
  std::map<std::string, std::vector<std::string>> entries_;
};

}  // namespace runward
