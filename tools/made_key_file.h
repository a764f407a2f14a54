#pragma once

#include <string>

namespace runward {

// A key file that a command is about to make (or to use, when it is there already). Unless the
// command succeeds and says so, one that it made goes again: a key that opens nothing helps nobody,
// and stands in the way of the next attempt.
class MadeKeyFile {
 public:
  explicit MadeKeyFile(const std::string& path);  // "" for none
  MadeKeyFile(const MadeKeyFile&) = delete;
  MadeKeyFile& operator=(const MadeKeyFile&) = delete;
  ~MadeKeyFile();

  void Keep() { path_.clear(); }

 private:
  std::string path_;  // "" once there is nothing to take away
};

}  // namespace runward
