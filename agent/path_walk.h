#pragma once

#include <string>

#include "base/fd.h"

namespace runward {

// Finds the file that a path means to another task, part by part: its root, its mounts, and what
// procfs shows it of itself ("/proc/self/exe", "/proc/self/fd/3"), which shows us ourselves.
class PathWalk {
 public:
  // `root` is the task's root directory and stays the caller's; `process` and `thread` are its
  // numbers in the innermost pid namespace that it has.
  PathWalk(int root, std::string process, std::string thread);

  // From a directory on; the last part's symlink is followed. O_PATH; errno(3) in `error` where it
  // leads nowhere.
  UniqueFd From(UniqueFd start, const std::string& path, int& error);

 private:
  bool Step(const std::string& part);
  bool Up();
  bool Follow(UniqueFd link, const std::string& part);
  bool FollowInProc(const std::string& part);
  bool Fail(int error);

  int root_;
  std::string process_;
  std::string thread_;
  UniqueFd at_;
  std::string rest_;
  int links_ = 0;
  int error_ = 0;
};

}  // namespace runward
